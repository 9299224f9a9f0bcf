"""Making carts, and changing them. Raised errors leave nothing behind."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import psycopg

from carelane import events
from carelane.carts import moving
from carelane.carts import queries as cart_queries
from carelane.carts.access import show_cart, unknown_cart
from carelane.carts.editing import drafting, queries
from carelane.carts.lines import (
    LineRow,
    WantedLine,
    broken_rules,
    new_row,
    patched,
    refuse,
    seal_words,
    too_many,
    unknown,
    unsellable,
    wanted_line,
)
from carelane.carts.queries import LINE_NOTES, CartRow
from carelane.carts.schemas import CartIn, CartItemIn, CartItemPatch, CartOut, cart_problems, patch_problems
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.kit.ids import parse_uuid, record_id, uuid7
from carelane.kit.phi import DataKey
from carelane.quotes.moving import end_pending_quotes
from carelane.services import Services
from carelane.web import idempotency
from carelane.web.idempotency import RequestKey


async def create_cart(services: Services, actor: Actor, body: CartIn, request_key: RequestKey | None) -> CartOut:
    """Two round trips: all questions, then all rows and the commit. Raises RuleBrokenError, RecordNotFoundError,
    ConflictError when the id is taken, and what `idempotency.begin` raises."""
    refuse([], [*cart_problems(body), *drafting.status_problems(body, "DRAFT")])
    data_key = await services.keyring.data_key(actor.organization_id)
    act = partial(_create, actor=actor, data_key=data_key, body=body)
    try:
        return await idempotency.run_once(services, actor, request_key, act)
    except psycopg.errors.UniqueViolation as error:
        # Two asked for one id at the same moment, and the other was first.
        if error.diag.constraint_name != "carts_pkey":
            raise
        raise ConflictError(f"there is a cart {body.id} already") from None


async def _create(conn: Connection, actor: Actor, data_key: DataKey, body: CartIn) -> CartOut:
    organization_id, now = actor.organization_id, clock.now()
    cart_id = record_id(organization_id, body.id) if body.id is not None else uuid7()
    wanted = _wanted(organization_id, body)
    context = await _context(conn, organization_id, cart_id, body, wanted)
    refuse([*drafting.unknown_people(body, context), *unknown(wanted, context.catalogue)], [])
    if context.patient is None:
        raise RecordNotFoundError(f"no patient {body.patient_id} here")
    if context.is_taken:
        raise ConflictError(f"there is a cart {body.id} already")
    refuse([], [*drafting.creator_problems(context), *unsellable(wanted, context.catalogue)])
    empty = drafting.new_cart(data_key, organization_id, body, cart_id, context, context.patient, now)
    rows = [new_row(data_key, LINE_NOTES, line, context.catalogue, now) for line in wanted]
    cart = drafting.repriced(empty, rows, now, _places(rows, wanted))
    event = events.new_event(actor, "CART_CREATED", None, target_id=cart_id, value_after=str(cart.total_cents))
    await queries.insert_cart(conn, organization_id, cart, cart.lines, event)
    return show_cart(data_key, cart)


async def replace_cart(services: Services, actor: Actor, name: str, body: CartIn) -> CartOut:
    """The cart as the body has it, with new lines. Raises RuleBrokenError, RecordNotFoundError, ConflictError."""
    cart_id = record_id(actor.organization_id, name)
    wrong_id = drafting.id_problems(actor.organization_id, cart_id, body)
    refuse([], [*cart_problems(body), *drafting.status_problems(body, "DRAFT", "ABANDONED"), *wrong_id])
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        return await _replace(conn, actor, data_key, name, body)


async def _replace(conn: Connection, actor: Actor, data_key: DataKey, name: str, body: CartIn) -> CartOut:
    organization_id, now = actor.organization_id, clock.now()
    wanted = _wanted(organization_id, body)
    before = await _hold(conn, actor, name, wanted)
    context = await _context(conn, organization_id, before.id, body, ())
    refuse([*drafting.unknown_people(body, context), *unknown(wanted, before.catalogue)], [])
    if record_id(organization_id, body.patient_id) != before.patient_id:
        raise ConflictError("a cart stays with its patient; make another cart for another patient")
    refuse([], [*drafting.creator_problems(context), *unsellable(wanted, before.catalogue, before.lines)])
    rows = [new_row(data_key, LINE_NOTES, line, before.catalogue, now) for line in wanted]
    cart = drafting.replaced(data_key, organization_id, before, body, context)
    shown = await _save(conn, actor, data_key, before, drafting.repriced(cart, rows, now, _places(rows, wanted)))
    return await _give_up(conn, actor, data_key, before.id) if body.status == "ABANDONED" else shown


async def _give_up(conn: Connection, actor: Actor, data_key: DataKey, cart_id: UUID) -> CartOut:
    cart = await cart_queries.lock_cart(conn, actor.organization_id, cart_id)
    if cart is not None:
        await moving.move_cart(conn, actor, cart, "ABANDONED")
    await end_pending_quotes(conn, actor, cart_id)
    found = await cart_queries.find_cart(conn, actor.organization_id, cart_id)
    if found is None:
        raise unknown_cart(str(cart_id))
    return show_cart(data_key, found)


async def add_line(
    services: Services, actor: Actor, name: str, body: CartItemIn, request_key: RequestKey | None
) -> CartOut:
    """The cart with one line more. Raises RuleBrokenError, RecordNotFoundError, ConflictError."""
    refuse([], broken_rules(body))
    data_key = await services.keyring.data_key(actor.organization_id)
    act = partial(_add_line, actor=actor, data_key=data_key, name=name, body=body)
    return await idempotency.run_once(services, actor, request_key, act)


async def _add_line(conn: Connection, actor: Actor, data_key: DataKey, name: str, body: CartItemIn) -> CartOut:
    now, wanted = clock.now(), [wanted_line(actor.organization_id, body, body.notes)]
    before = await _hold(conn, actor, name, wanted)
    refuse(unknown(wanted, before.catalogue), [])
    refuse([], [*too_many(before.lines, "cart"), *unsellable(wanted, before.catalogue, before.lines)])
    rows = [*before.lines, new_row(data_key, LINE_NOTES, wanted[0], before.catalogue, now)]
    return await _save(conn, actor, data_key, before, drafting.repriced(before, rows, now, {}, "quantity"))


async def change_line(services: Services, actor: Actor, name: str, line: str, body: CartItemPatch) -> CartOut:
    """The cart with what the body names of a line changed. Raises RuleBrokenError, RecordNotFoundError, ConflictError."""
    refuse([], list(patch_problems(body)))
    data_key, now = await services.keyring.data_key(actor.organization_id), clock.now()
    async with services.db.transaction(actor) as conn:
        before = await _hold(conn, actor, name)
        present = _find_line(before, line)
        changed = patched(present, body, seal_words(data_key, LINE_NOTES, present.id, body.notes), now)
        rows = [changed if row.id == present.id else row for row in before.lines]
        return await _save(conn, actor, data_key, before, drafting.repriced(before, rows, now, {}, "quantity"))


async def remove_line(services: Services, actor: Actor, name: str, line: str) -> CartOut:
    """The cart without the line. Raises RecordNotFoundError, ConflictError."""
    data_key, now = await services.keyring.data_key(actor.organization_id), clock.now()
    async with services.db.transaction(actor) as conn:
        before = await _hold(conn, actor, name)
        gone = _find_line(before, line)
        rows = [row for row in before.lines if row.id != gone.id]
        return await _save(conn, actor, data_key, before, drafting.repriced(before, rows, now, {}))


async def _hold(conn: Connection, actor: Actor, name: str, wanted: Sequence[WantedLine] = ()) -> CartRow:
    """The cart, held, if it may change. Raises RecordNotFoundError, ConflictError."""
    cart_id = record_id(actor.organization_id, name)
    cart = await queries.lock_changeable(conn, actor.organization_id, cart_id, wanted)
    if cart is None or cart.archived_at is not None:
        raise unknown_cart(name)
    moving.require_changeable(cart)
    return cart


async def _save(conn: Connection, actor: Actor, data_key: DataKey, before: CartRow, after: CartRow) -> CartOut:
    held, kept = {line.id: line for line in before.lines}, {line.id for line in after.lines}
    event = events.new_event(
        actor,
        "CART_UPDATED",
        None,
        target_id=after.id,
        value_before=str(before.total_cents),
        value_after=str(after.total_cents),
    )
    changed = [line for line in after.lines if held.get(line.id) != line]
    removed = [line_id for line_id in held if line_id not in kept]
    await queries.save_cart(conn, actor.organization_id, after, changed, removed, event)
    return show_cart(data_key, after)


async def _context(
    conn: Connection, organization_id: UUID, cart_id: UUID, body: CartIn, wanted: Sequence[WantedLine]
) -> queries.CartContext:
    creator_id = record_id(organization_id, body.creator_id) if body.creator_id is not None else None
    patient_id = record_id(organization_id, body.patient_id)
    return await queries.get_context(conn, organization_id, cart_id, patient_id, creator_id, wanted)


def _wanted(organization_id: UUID, body: CartIn) -> list[WantedLine]:
    return [wanted_line(organization_id, line, line.notes, f"items[{index}].") for index, line in enumerate(body.items)]


def _places(rows: Sequence[LineRow], wanted: Sequence[WantedLine]) -> dict[UUID, str]:
    return {row.id: line.place for row, line in zip(rows, wanted, strict=True)}


def _find_line(cart: CartRow, name: str) -> LineRow:
    line_id = parse_uuid(name)
    for line in cart.lines:
        if line.id == line_id:
            return line
    raise RecordNotFoundError(f"no line {name} in the cart {cart.name}")
