"""Changing drafts: all of one, or a line. What raises leaves nothing behind."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import msgspec

from carelane import events
from carelane.carts import queries as cart_queries
from carelane.carts.access import unknown_cart
from carelane.carts.actions import end_quotes, move_cart
from carelane.carts.drafting import create, queries
from carelane.carts.queries import LINE_NOTES, CartRow
from carelane.carts.schemas import CartIn, CartItemIn, CartItemPatch, CartOut, cart_problems
from carelane.carts.views import show_cart
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, refuse
from carelane.kit.ids import parse_uuid, record_id
from carelane.kit.phi import DataKey
from carelane.permissions import BILLING_WRITE, requires
from carelane.pricing.lines import (
    LineRow,
    RequestedLine,
    full_problems,
    new_row,
    patched,
    refuse_unknown,
    requested_line,
    seal_text,
    unknown_texts,
    unsellable_problems,
)
from carelane.pricing.schemas import line_problems
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(BILLING_WRITE)
async def replace_cart(services: Services, actor: Actor, ref: str, body: CartIn) -> CartOut:
    """The cart as the body has it, with new lines. Raises RuleBrokenError, RecordNotFoundError, ConflictError."""
    problems = [*cart_problems(body), *create.status_problems(body, "DRAFT", "ABANDONED")]
    if body.id is not None and record_id(actor.organization_id, body.id) != record_id(actor.organization_id, ref):
        problems.append(FieldProblem("id", "expected the id in the path, or none"))
    refuse(problems)
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        return await _replace(conn, actor, data_key, ref, body)


async def _replace(conn: Connection, actor: Actor, data_key: DataKey, ref: str, body: CartIn) -> CartOut:
    organization_id, now = actor.organization_id, clock.now()
    requested = create.requested_lines(organization_id, body)
    before = await _lock_draft(conn, actor, ref, requested)
    context = await create.get_context(conn, organization_id, before.id, body, ())
    refuse_unknown([*create.unknown_people(body, context), *unknown_texts(requested, before.catalog)])
    if record_id(organization_id, body.patient_id) != before.patient_id:
        raise ConflictError("a cart stays with its patient; make another cart for another patient")
    refuse([*create.creator_problems(context), *unsellable_problems(requested, before.catalog, before.lines)])
    members = create.members_of_body(data_key, organization_id, body, before.id, context)
    cart = create.with_new_lines(data_key, msgspec.structs.replace(before, **members), requested, now)
    shown = await _save(conn, actor, data_key, before, cart)
    return await _abandon(conn, actor, data_key, before) if body.status == "ABANDONED" else shown


async def _abandon(conn: Connection, actor: Actor, data_key: DataKey, cart: CartRow) -> CartOut:
    await move_cart(conn, actor, cart, "ABANDONED")
    await end_quotes(conn, actor, [cart.id])
    found = await cart_queries.find_cart(conn, actor.organization_id, cart.id)
    if found is None:
        raise LookupError("the cart is gone")
    return show_cart(data_key, found)


@requires(BILLING_WRITE)
async def add_line(
    services: Services, actor: Actor, ref: str, body: CartItemIn, request_key: RequestKey | None
) -> CartOut:
    """The cart with one more line. Raises RuleBrokenError, RecordNotFoundError, ConflictError."""
    refuse(line_problems(body))
    requested = requested_line(actor.organization_id, body, body.notes)
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_add_line, actor, data_key, ref, requested))


async def _add_line(actor: Actor, data_key: DataKey, ref: str, requested: RequestedLine, conn: Connection) -> CartOut:
    now = clock.now()
    before = await _lock_draft(conn, actor, ref, [requested])
    refuse_unknown(unknown_texts([requested], before.catalog))
    refuse([*full_problems(before.lines, "cart"), *unsellable_problems([requested], before.catalog, before.lines)])
    rows = [*before.lines, new_row(data_key, LINE_NOTES, requested, before.catalog, now)]
    return await _save(conn, actor, data_key, before, create.repriced(before, rows, now, whole="quantity"))


@requires(BILLING_WRITE)
async def change_line(services: Services, actor: Actor, ref: str, line_ref: str, body: CartItemPatch) -> CartOut:
    """The cart with what the body names of a line changed. Raises RuleBrokenError, RecordNotFoundError, ConflictError."""

    def change(data_key: DataKey, row: LineRow, now: datetime) -> list[LineRow]:
        return [patched(row, body, seal_text(data_key, LINE_NOTES, row.id, body.notes), now)]

    return await _change_line(services, actor, ref, line_ref, change, whole="quantity")


@requires(BILLING_WRITE)
async def remove_line(services: Services, actor: Actor, ref: str, line_ref: str) -> CartOut:
    """The cart without the line. Raises RecordNotFoundError, ConflictError."""
    return await _change_line(services, actor, ref, line_ref, lambda *_: [], whole="items")


async def _change_line(
    services: Services,
    actor: Actor,
    ref: str,
    line_ref: str,
    change: Callable[[DataKey, LineRow, datetime], list[LineRow]],
    *,
    whole: str,
) -> CartOut:
    """`change` gives what takes the line's place."""
    data_key, now = await services.keyring.data_key(actor.organization_id), clock.now()
    async with services.db.transaction(actor) as conn:
        before = await _lock_draft(conn, actor, ref)
        at = _position(before, line_ref)
        rows = [*before.lines[:at], *change(data_key, before.lines[at], now), *before.lines[at + 1 :]]
        return await _save(conn, actor, data_key, before, create.repriced(before, rows, now, whole=whole))


def _position(cart: CartRow, line_ref: str) -> int:
    line_id = parse_uuid(line_ref)
    for position, line in enumerate(cart.lines):
        if line.id == line_id:
            return position
    raise RecordNotFoundError(f"no line {line_ref} in the cart {cart.ref}")


async def _lock_draft(conn: Connection, actor: Actor, ref: str, requested: Sequence[RequestedLine] = ()) -> CartRow:
    """A cart that may change. Raises RecordNotFoundError, ConflictError."""
    cart_id = record_id(actor.organization_id, ref)
    cart = await queries.lock_changeable(conn, actor.organization_id, cart_id, requested)
    if cart is None or cart.archived_at is not None:
        raise unknown_cart(ref)
    if cart.status != "DRAFT":
        raise ConflictError(f"the cart is {cart.status}; only a DRAFT changes")
    if cart.locked_at is not None:
        raise ConflictError("a quote of the cart was sent, so it does not change any more; make another cart")
    return cart


async def _save(conn: Connection, actor: Actor, data_key: DataKey, before: CartRow, after: CartRow) -> CartOut:
    """Writes what changed, and the event."""
    present, kept = {line.id: line for line in before.lines}, {line.id for line in after.lines}
    event = events.new_event(
        actor,
        "CART_UPDATED",
        None,
        target_id=after.id,
        value_before=str(before.total_cents),
        value_after=str(after.total_cents),
    )
    changed = [line for line in after.lines if present.get(line.id) != line]
    removed = [line_id for line_id in present if line_id not in kept]
    await queries.save_cart(conn, actor.organization_id, after, changed, removed, event)
    return show_cart(data_key, after)
