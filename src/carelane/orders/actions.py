"""Placing an order."""

from uuid import UUID

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import DataKey
from carelane.orders import queries
from carelane.orders.errors import CaseDeniedError, OrderKeyUsedError
from carelane.orders.preflight.access import Grounds, find_grounds
from carelane.orders.preflight.body import named
from carelane.orders.preflight.check import preflight
from carelane.orders.queries import OrderRows
from carelane.orders.rows import make_prescription, make_rows, warnings_of
from carelane.orders.schemas import (
    DryRunDataOut,
    DryRunOut,
    FindingOut,
    OrderPlacedOut,
    PlacedDataOut,
    PlacedOut,
    SentOrder,
)
from carelane.permissions import ORDERS_WRITE, requires
from carelane.services import Services
from carelane.web import idempotency
from carelane.web.idempotency import RequestKey


@requires(ORDERS_WRITE)
async def place_order(
    services: Services, actor: Actor, ref: str, sent: SentOrder, request_key: RequestKey | None
) -> OrderPlacedOut:
    """Writes the order for the case `ref` in one transaction; the worker sends it.

    Raises CaseDeniedError, OrderKeyUsedError, InvalidRequestError (with every finding that refuses), and what
    `run_once` raises. If it raises, nothing is kept.
    """
    return await place(services, actor, ref, sent, request_key)


async def place(
    services: Services, actor: Actor, ref: str, sent: SentOrder, request_key: RequestKey | None
) -> OrderPlacedOut:
    """For whoever may, whichever permission says so."""
    case_id = _case_id_of(ref)
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> OrderPlacedOut:
        grounds = await _get_grounds(conn, actor, case_id, sent, data_key, locks=True)
        if grounds.known.key_order_id is not None:
            raise OrderKeyUsedError(grounds.known.key_order_id)
        findings = preflight(sent, grounds.known, grounds.rulings)
        _refuse(findings)
        return await _write_sent(conn, actor, data_key, sent, grounds, findings)

    return await idempotency.run_once(services, actor, request_key, act)


@requires(ORDERS_WRITE)
async def try_order(
    services: Services, actor: Actor, ref: str, sent: SentOrder, request_key: RequestKey | None
) -> DryRunOut:
    """What `place_order` would find. Writes nothing, locks nothing and uses up no key. Raises CaseDeniedError."""
    return await try_out(services, actor, ref, sent, request_key)


async def try_out(
    services: Services, actor: Actor, ref: str, sent: SentOrder, request_key: RequestKey | None
) -> DryRunOut:
    """For whoever may, whichever permission says so."""
    case_id = _case_id_of(ref)
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.reading(actor.organization_id) as conn:
        grounds = await _get_grounds(conn, actor, case_id, sent, data_key, locks=False)
        used = await idempotency.find_use(conn, actor.organization_id, data_key, request_key) if request_key else None
    findings = preflight(sent, grounds.known, grounds.rulings)
    if grounds.known.key_order_id is not None:
        findings.append(FindingOut("idempotencyKey", OrderKeyUsedError().message, "refuse"))
    if used is not None:
        findings.append(FindingOut(used.field, used.problem, "refuse"))
    would_create = all(finding.severity != "refuse" for finding in findings)
    return DryRunOut(
        message=f"Dry run: the order would be {'created' if would_create else 'refused'}",
        data=DryRunDataOut(would_create=would_create, findings=findings),
    )


def _case_id_of(ref: str) -> UUID:
    """Whatever is not an id names no case; the database would say the same. Raises CaseDeniedError."""
    case_id = parse_uuid(ref)
    if case_id is None:
        raise CaseDeniedError
    return case_id


async def _get_grounds(
    conn: Connection, actor: Actor, case_id: UUID, sent: SentOrder, data_key: DataKey, *, locks: bool
) -> Grounds:
    """Raises CaseDeniedError."""
    grounds = await find_grounds(conn, actor.organization_id, case_id, named(sent.raw), data_key, locks=locks)
    if grounds is None:
        raise CaseDeniedError
    return grounds


def _refuse(findings: list[FindingOut]) -> None:
    problems = [FieldProblem(finding.field, finding.message) for finding in findings if finding.severity == "refuse"]
    if problems:
        raise InvalidRequestError(problems=problems)


async def _write_sent(
    conn: Connection, actor: Actor, data_key: DataKey, sent: SentOrder, grounds: Grounds, findings: list[FindingOut]
) -> OrderPlacedOut:
    """Writes an order that passed preflight."""
    # Otherwise some finding refuses.
    known = grounds.known
    assert sent.body is not None
    assert known.pharmacy is not None
    prescription = make_prescription(sent.body.order, known, known.pharmacy.code, grounds.rulings)
    rows = make_rows(
        actor,
        data_key,
        prescription,
        case=known,
        pharmacy=known.pharmacy,
        warnings=warnings_of(findings),
        idempotency_key=sent.body.idempotency_key,
    )
    await write_order(conn, rows)
    return OrderPlacedOut(data=PlacedDataOut(PlacedOut(prescription.order_id)))


async def write_order(conn: Connection, rows: OrderRows) -> None:
    """Writes a new order, due at once, with its items and its event. The case's row must be locked.

    What was approved for the drugs of the order is ORDERED now. Raises OrderKeyUsedError.
    """
    if not await queries.insert_order(conn, rows):
        organization_id, key = rows.order.organization_id, rows.order.idempotency_key
        raise OrderKeyUsedError(await queries.find_order_by_key(conn, organization_id, key or ""))
