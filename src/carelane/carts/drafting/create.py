"""Making a cart. Two round trips: everything that must be known, then all rows and the commit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from carelane import events
from carelane.carts.drafting import queries
from carelane.carts.drafting.queries import CartContext, KnownPatient
from carelane.carts.queries import LINE_NOTES, NOTES, CartRow
from carelane.carts.schemas import CartIn, CartOut, cart_problems
from carelane.carts.states import CartStatus
from carelane.carts.views import show_cart
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.clock import in_utc
from carelane.kit.db import Connection
from carelane.kit.decimals import rounded_decimal
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, refuse
from carelane.kit.ids import given_id, record_id, uuid7
from carelane.kit.phi import DataKey
from carelane.permissions import BILLING_WRITE, requires
from carelane.pricing.lines import (
    LineRow,
    RequestedLine,
    new_row,
    price_rows,
    refuse_unknown,
    requested_line,
    seal_text,
    unknown_texts,
    unsellable_problems,
)
from carelane.services import Services
from carelane.staff import schemas as staff
from carelane.web.idempotency import RequestKey, run_once


@requires(BILLING_WRITE)
async def create_cart(services: Services, actor: Actor, body: CartIn, request_key: RequestKey | None) -> CartOut:
    """Raises RuleBrokenError, RecordNotFoundError that names everything unknown, and ConflictError when the id is taken."""
    refuse([*cart_problems(body), *status_problems(body, "DRAFT")])
    data_key = await services.keyring.data_key(actor.organization_id)
    try:
        return await run_once(services, actor, request_key, partial(_create, actor, data_key, body))
    except psycopg.errors.UniqueViolation as error:
        # Another request took the same id at the same moment.
        if error.diag.constraint_name != "carts_pkey":
            raise
        raise _id_taken(body) from None


async def _create(actor: Actor, data_key: DataKey, body: CartIn, conn: Connection) -> CartOut:
    organization_id, now = actor.organization_id, clock.now()
    cart_id = record_id(organization_id, body.id) if body.id is not None else uuid7()
    requested = requested_lines(organization_id, body)
    context = await get_context(conn, organization_id, cart_id, body, requested)
    refuse_unknown([*unknown_people(body, context), *unknown_texts(requested, context.catalog)])
    if context.patient is None:
        raise RecordNotFoundError(f"no patient {body.patient_id} here")
    if context.is_taken:
        raise _id_taken(body)
    refuse([*creator_problems(context), *unsellable_problems(requested, context.catalog)])
    empty = _empty_cart(data_key, organization_id, body, cart_id, context, context.patient, now)
    cart = with_new_lines(data_key, empty, requested, now)
    event = events.new_event(actor, "CART_CREATED", None, target_id=cart_id, value_after=str(cart.total_cents))
    await queries.insert_cart(conn, organization_id, cart, cart.lines, event)
    return show_cart(data_key, cart)


def _id_taken(body: CartIn) -> ConflictError:
    return ConflictError(f"there is a cart {body.id} already")


def _empty_cart(
    data_key: DataKey,
    organization_id: UUID,
    body: CartIn,
    cart_id: UUID,
    context: CartContext,
    patient: KnownPatient,
    now: datetime,
) -> CartRow:
    """Without lines yet. It is taxed at its patient's location."""
    return CartRow(
        id=cart_id,
        given_id=given_id(body.id),
        patient_id=patient.shown.id,
        location_id=patient.location_id,
        status="DRAFT",
        currency=context.catalog.currency,
        subtotal_cents=0,
        discount_cents=0,
        tax_cents=0,
        total_cents=0,
        locked_at=None,
        charge_id=None,
        archived_at=None,
        created_at=now,
        updated_at=now,
        patient=patient.shown,
        lines=[],
        quotes=[],
        catalog=context.catalog,
        **members_of_body(data_key, organization_id, body, cart_id, context),
    )


# ---- what replacing a cart has in common with making one


def status_problems(body: CartIn, *accepted: CartStatus) -> list[FieldProblem]:
    if body.status is None or body.status in accepted:
        return []
    return [FieldProblem("status", f"expected {' or '.join(accepted)}; the others follow from what happens to a cart")]


def requested_lines(organization_id: UUID, body: CartIn) -> list[RequestedLine]:
    return [requested_line(organization_id, line, line.notes, f"items[{n}].") for n, line in enumerate(body.items)]


async def get_context(
    conn: Connection, organization_id: UUID, cart_id: UUID, body: CartIn, requested: Sequence[RequestedLine]
) -> CartContext:
    creator_id = record_id(organization_id, body.creator_id) if body.creator_id is not None else None
    patient_id = record_id(organization_id, body.patient_id)
    return await queries.get_context(conn, organization_id, cart_id, patient_id, creator_id, requested)


def unknown_people(body: CartIn, context: CartContext) -> list[str]:
    """Whom the body names and the clinic does not have, in words."""
    texts = [] if context.patient else [f"no patient {body.patient_id} here"]
    if body.creator_id is not None and context.creator is None:
        texts.append(f"no member of staff {body.creator_id} here")
    return texts


def creator_problems(context: CartContext) -> list[FieldProblem]:
    return staff.creator_problems(context.creator.role) if context.creator else []


def members_of_body(
    data_key: DataKey, organization_id: UUID, body: CartIn, cart_id: UUID, context: CartContext
) -> dict[str, Any]:
    """The members of a cart's row that a body decides, without the lines."""
    return {
        "creator_id": record_id(organization_id, body.creator_id) if body.creator_id is not None else None,
        "creator": context.creator.shown if context.creator else None,
        "discount_amount_cents": body.discount_amount,
        "discount_percentage": rounded_decimal(body.discount_percentage),
        "notes": seal_text(data_key, NOTES, cart_id, body.notes),
        "expires_at": in_utc(body.expires_date),
    }


def with_new_lines(data_key: DataKey, cart: CartRow, requested: Sequence[RequestedLine], now: datetime) -> CartRow:
    """The cart with these lines only, priced. Raises RuleBrokenError for amounts that are too large."""
    rows = [new_row(data_key, LINE_NOTES, line, cart.catalog, now) for line in requested]
    paths = {row.id: line.path for row, line in zip(rows, requested, strict=True)}
    return repriced(cart, rows, now, whole="items", paths=paths)


def repriced(
    cart: CartRow, rows: Sequence[LineRow], now: datetime, *, whole: str, paths: Mapping[UUID, str] | None = None
) -> CartRow:
    """The cart with these lines, priced. Raises RuleBrokenError, see `price_rows`."""
    amounts, lines = price_rows(
        rows, cart.catalog, cart.discount_amount_cents, cart.discount_percentage, now, whole=whole, paths=paths
    )
    return msgspec.structs.replace(cart, lines=lines, updated_at=now, **amounts)
