"""Selling: one charge or many, all of them or none."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

import psycopg

from carelane.charges.actions import NewCharge, write_charge
from carelane.charges.queries import ChargeRow, find_charge
from carelane.charges.schemas import ChargeOut, ChargeSummaryOut
from carelane.charges.selling import queries
from carelane.charges.selling.queries import SaleContext
from carelane.charges.selling.rows import Asked, asked_of, priced, problems_of, unknown_of
from carelane.charges.selling.schemas import ChargeIn, charge_problems, charges_problems
from carelane.charges.tips.actions import give_tips
from carelane.charges.views import show_charge, show_sold
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, refuse
from carelane.kit.phi import DataKey
from carelane.permissions import BILLING_WRITE, requires
from carelane.pricing.lines import refuse_unknown
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

AnswerT = TypeVar("AnswerT")


@requires(BILLING_WRITE)
async def create_charge(
    services: Services, actor: Actor, body: ChargeIn, request_key: RequestKey | None
) -> ChargeSummaryOut:
    """Raises what `sell` and `run_sale` raise."""
    refuse([*charge_problems(body)])
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_sale(services, actor, request_key, partial(_create, actor, data_key, body))


async def _create(actor: Actor, data_key: DataKey, body: ChargeIn, conn: Connection) -> ChargeSummaryOut:
    (charge,) = await sell(conn, actor, data_key, {"": body})
    return show_sold(data_key, await _written(conn, actor, charge))


@requires(BILLING_WRITE)
async def mark_no_charge(
    services: Services, actor: Actor, bodies: Sequence[ChargeIn], request_key: RequestKey | None
) -> list[ChargeOut]:
    """Charges over nothing. Raises what `sell` and `run_sale` raise, and RuleBrokenError where something is owed."""
    refuse([*charges_problems(bodies)])
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_sale(services, actor, request_key, partial(_mark, actor, data_key, bodies))


async def _mark(actor: Actor, data_key: DataKey, bodies: Sequence[ChargeIn], conn: Connection) -> list[ChargeOut]:
    charges = await sell(conn, actor, data_key, by_path(bodies))
    refuse(
        FieldProblem(f"[{n}].totalOutstanding", "expected 0; a charge over something is made by charge/create")
        for n, charge in enumerate(charges)
        if charge.total_cents
    )
    refuse(
        FieldProblem(f"[{n}].tips", "expected none: nothing is owed here") for n, body in enumerate(bodies) if body.tips
    )
    return [show_charge(data_key, await _written(conn, actor, charge)) for charge in charges]


def by_path(bodies: Sequence[ChargeIn]) -> dict[str, ChargeIn]:
    """The sales of a body that is a list, as `sell` takes them."""
    return {f"[{n}].": body for n, body in enumerate(bodies)}


async def run_sale(
    services: Services, actor: Actor, request_key: RequestKey | None, act: Callable[[Connection], Awaitable[AnswerT]]
) -> AnswerT:
    """`run_once` for an act that sells. Raises ConflictError when another request took the same id at the same moment."""
    try:
        return await run_once(services, actor, request_key, act)
    except psycopg.errors.UniqueViolation as error:
        if error.diag.constraint_name != "charges_pkey":
            raise
        raise ConflictError("there is a charge with this id already") from None


async def sell(conn: Connection, actor: Actor, data_key: DataKey, bodies: dict[str, ChargeIn]) -> list[NewCharge]:
    """Prices and writes a charge for each body, in their order; nothing of them is paid.

    `bodies` by the path that leads to each in the request's body: `""`, or `[0].` and so on. They have passed `charge_problems`.
    Raises RecordNotFoundError that names everything unknown, ConflictError when an id is taken, and RuleBrokenError, also where a
    body says another total than the lines come to.
    """
    asked = [asked_of(actor.organization_id, body, path) for path, body in bodies.items()]
    await queries.lock_patients(conn, actor.organization_id, {one.patient_id for one in asked})
    known = [(one, await _context(conn, actor, one)) for one in asked]
    refuse_unknown(list(dict.fromkeys(text for one, context in known for text in unknown_of(one, context))))
    for one, context in known:
        if context.is_taken:
            raise ConflictError(f"there is a charge {one.body.id} already")
    refuse(problem for one, context in known for problem in problems_of(one, context))
    charges = _priced(known)
    for charge, (one, _) in zip(charges, known, strict=True):
        await write_charge(conn, actor, data_key, charge)
        await give_tips(conn, actor, charge.id, [(one.sellers[tip.provider_id], tip.amount) for tip in one.body.tips])
    return charges


async def _context(conn: Connection, actor: Actor, asked: Asked) -> SaleContext:
    people = (asked.patient_id, asked.creator_id, asked.sellers.values())
    return await queries.get_context(conn, actor.organization_id, asked.id, people, asked.location_id, asked.requested)


def _priced(known: Sequence[tuple[Asked, SaleContext]]) -> list[NewCharge]:
    charges: list[NewCharge] = []
    problems: list[FieldProblem] = []
    for asked, context in known:
        if context.patient is None:
            raise RecordNotFoundError(f"no patient {asked.body.patient_id} here")
        charge, found = priced(asked, context.patient, context.catalog)
        charges.append(charge)
        problems += found
    refuse(problems)
    return charges


async def _written(conn: Connection, actor: Actor, charge: NewCharge) -> ChargeRow:
    row = await find_charge(conn, actor.organization_id, charge.id)
    if row is None:
        raise LookupError("a sale without its charge")
    return row
