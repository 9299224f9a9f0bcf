"""From a cart to its charge. The cart's row is held, so that whoever comes second finds the charge of the first."""

from functools import partial
from uuid import UUID

import msgspec

from carelane.carts.access import unknown_cart
from carelane.carts.conversion import queries
from carelane.carts.conversion.queries import Content
from carelane.carts.conversion.schemas import ConvertCartIn
from carelane.carts.converting import Conversion, new_charge
from carelane.carts.lines import LineRow, price_rows, refuse, too_much
from carelane.carts.moving import move_cart
from carelane.carts.queries import LockedCart
from carelane.charges.access import find_shown
from carelane.charges.actions import write_charge
from carelane.charges.schemas import ChargeOut
from carelane.kit import clock, failpoints
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem
from carelane.kit.ids import record_id
from carelane.kit.phi import DataKey
from carelane.locations.access import get_ids
from carelane.quotes.converting import convert_quote
from carelane.quotes.moving import end_pending_quotes
from carelane.quotes.queries import lock_accepted
from carelane.services import Services
from carelane.web import idempotency
from carelane.web.idempotency import RequestKey


async def convert_cart(
    services: Services, actor: Actor, name: str, body: ConvertCartIn, request_key: RequestKey | None
) -> ChargeOut:
    """The charge, made now or before. Raises RuleBrokenError, RecordNotFoundError, ConflictError."""
    cart_id = record_id(actor.organization_id, name)
    if record_id(actor.organization_id, body.cart_id) != cart_id:
        refuse([], [FieldProblem("cartId", "expected the id in the path")])
    data_key = await services.keyring.data_key(actor.organization_id)
    act = partial(_convert, actor=actor, data_key=data_key, name=name, body=body)
    return await idempotency.run_once(services, actor, request_key, act)


async def _convert(conn: Connection, actor: Actor, data_key: DataKey, name: str, body: ConvertCartIn) -> ChargeOut:
    organization_id = actor.organization_id
    location_id = record_id(organization_id, body.location_id) if body.location_id is not None else None
    found = await queries.lock_with_content(conn, organization_id, record_id(organization_id, name), location_id)
    if found is None or found[0].archived_at is not None:
        raise unknown_cart(name)
    conversion = await _conversion(conn, actor, body)
    charge_id = found[0].charge_id or await _make(conn, actor, data_key, *found, conversion)
    shown = await find_shown(conn, data_key, organization_id, charge_id)
    if shown is None:
        raise LookupError("the cart's charge is gone")
    failpoints.reach("cart.converted")
    return shown


async def _make(
    conn: Connection, actor: Actor, data_key: DataKey, cart: LockedCart, content: Content, conversion: Conversion
) -> UUID:
    if cart.status == "ACCEPTED":
        return await _make_of_quote(conn, actor, data_key, cart, conversion)
    _require_convertible(cart)
    return await _make_of_draft(conn, actor, data_key, cart, content, conversion)


async def _conversion(conn: Connection, actor: Actor, body: ConvertCartIn) -> Conversion:
    names = [] if body.location_id is None else [body.location_id]
    found = await get_ids(conn, actor.organization_id, names)
    return Conversion(
        description=body.description,
        external_id=body.external_id,
        location_id=found[0] if found else None,
        appointment_id=body.event_id,
    )


def _require_convertible(cart: LockedCart) -> None:
    """A cart that was offered stands as long as its quote does, whatever its own date says."""
    if cart.status != "DRAFT":
        raise ConflictError(f"the cart is {cart.status}; only one that is DRAFT or ACCEPTED is converted")
    if cart.locked_at is None and cart.expires_at is not None and cart.expires_at <= clock.now():
        raise ConflictError("the cart's date has passed; give it a later expiresDate first")


async def _make_of_quote(
    conn: Connection, actor: Actor, data_key: DataKey, cart: LockedCart, conversion: Conversion
) -> UUID:
    quote = await lock_accepted(conn, actor.organization_id, cart.id)
    if quote is None:
        raise ConflictError("the cart is ACCEPTED without an accepted quote")
    return await convert_quote(conn, actor, data_key, quote, conversion)


async def _make_of_draft(
    conn: Connection, actor: Actor, data_key: DataKey, cart: LockedCart, content: Content, conversion: Conversion
) -> UUID:
    if not content.lines:
        raise ConflictError("the cart has no lines; there is nothing to charge for")
    location_id = conversion.location_id or cart.location_id
    offer, lines = cart, content.lines
    if location_id != cart.location_id:
        offer, lines = _taxed_anew(cart, content)
    there = msgspec.structs.replace(conversion, location_id=location_id)
    charge = new_charge(offer, lines, content.catalogue, there, cart_id=cart.id)
    await write_charge(conn, actor, data_key, charge)
    await move_cart(conn, actor, cart, "CONVERTED", charge.id)
    await end_pending_quotes(conn, actor, cart.id)
    return charge.id


def _taxed_anew(cart: LockedCart, content: Content) -> tuple[LockedCart, list[LineRow]]:
    """What the charge comes to elsewhere; the cart itself stays as it was. Raises RuleBrokenError when that is too much."""
    priced, rows = price_rows(
        content.lines, content.catalogue, cart.discount_amount_cents, cart.discount_percentage, cart.updated_at
    )
    refuse([], too_much(priced, ["" for _ in rows], "locationId"))
    return msgspec.structs.replace(cart, tax_cents=priced.tax_cents, total_cents=priced.total_cents), rows
