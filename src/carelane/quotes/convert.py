"""Making the charge of a cart or of an accepted quote: exactly one, however many ask for it at once, and all of them get it.

An accepted cart is converted by converting its quote. The cart's row is locked first, so that a request that had to wait finds
the charge that the one before it made.
"""

from functools import partial
from uuid import UUID

import msgspec

from carelane.carts import queries as cart_queries
from carelane.carts.access import require_seen, unknown_cart
from carelane.carts.actions import end_quotes, move_cart
from carelane.carts.queries import CartContent, LockedCart
from carelane.charges.actions import ChargeDetails, charge_of, write_charge
from carelane.charges.queries import find_charge
from carelane.charges.schemas import ChargeOut
from carelane.charges.views import show_charge
from carelane.kit import clock, failpoints
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, refuse
from carelane.kit.ids import record_id
from carelane.kit.phi import DataKey
from carelane.locations.access import get_ids
from carelane.locations.queries import list_known
from carelane.permissions import BILLING_WRITE, requires
from carelane.pricing.lines import open_text, price_rows, refuse_unknown
from carelane.quotes import queries
from carelane.quotes.access import lock_cart_of, unknown_quote
from carelane.quotes.actions import move_quote
from carelane.quotes.drafting.queries import get_content
from carelane.quotes.queries import DESCRIPTION, LockedQuote
from carelane.quotes.schemas import ConvertCartIn, ConvertQuoteIn
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(BILLING_WRITE)
async def convert_cart(
    services: Services,
    actor: Actor,
    ref: str,
    body: ConvertCartIn,
    request_key: RequestKey | None,
    seen: str | None = None,
) -> ChargeOut:
    """The charge, made now or before. `seen`: the cart as somebody looked at it, see `seen_of`.

    Raises RuleBrokenError, RecordNotFoundError, ConflictError.
    """
    if record_id(actor.organization_id, body.cart_id) != record_id(actor.organization_id, ref):
        refuse([FieldProblem("cartId", "expected the id in the path")])
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_convert_cart, actor, data_key, ref, body, seen))


async def _convert_cart(
    actor: Actor, data_key: DataKey, ref: str, body: ConvertCartIn, seen: str | None, conn: Connection
) -> ChargeOut:
    organization_id = actor.organization_id
    location_id = record_id(organization_id, body.location_id) if body.location_id is not None else None
    found = await cart_queries.lock_with_content(conn, organization_id, record_id(organization_id, ref), location_id)
    if found is None or found[0].archived_at is not None:
        raise unknown_cart(ref)
    cart, content = found
    require_seen(cart, seen)
    await get_ids(conn, organization_id, [body.location_id] if body.location_id is not None else [])
    details = _details(body, location_id)
    charge_id = cart.charge_id or await _charge_cart(conn, actor, data_key, cart, content, details)
    shown = await _show(conn, actor, data_key, charge_id)
    failpoints.reach("cart.converted")
    return shown


async def _charge_cart(
    conn: Connection, actor: Actor, data_key: DataKey, cart: LockedCart, content: CartContent, details: ChargeDetails
) -> UUID:
    if cart.status != "ACCEPTED":
        return await _charge_draft(conn, actor, data_key, cart, content, details)
    quote = await queries.lock_accepted(conn, actor.organization_id, cart.id)
    if quote is None:
        raise ConflictError("the cart is ACCEPTED without an accepted quote")
    return await charge_quote(conn, actor, data_key, quote, details)


async def _charge_draft(
    conn: Connection, actor: Actor, data_key: DataKey, cart: LockedCart, content: CartContent, details: ChargeDetails
) -> UUID:
    _require_convertible(cart)
    if not content.lines:
        raise ConflictError("the cart has no lines; there is nothing to charge for")
    location_id = details.location_id or cart.location_id
    taxed, lines = cart, content.lines
    if location_id != cart.location_id:
        # What it comes to there. The cart itself stays as it was.
        amounts, lines = price_rows(
            lines, content.catalog, cart.discount_amount_cents, cart.discount_percentage, cart.updated_at,
            whole="locationId",
        )  # fmt: skip
        taxed = msgspec.structs.replace(cart, **amounts)
    there = msgspec.structs.replace(details, location_id=location_id)
    charge = charge_of(taxed, lines, content.catalog, there, cart_id=cart.id)
    await write_charge(conn, actor, data_key, charge)
    await move_cart(conn, actor, cart, "CONVERTED", charge.id)
    await end_quotes(conn, actor, [cart.id])
    return charge.id


def _require_convertible(cart: LockedCart) -> None:
    """A cart that was offered lasts as long as its quote does, whatever its own date says."""
    if cart.status != "DRAFT":
        raise ConflictError(f"the cart is {cart.status}; only one that is DRAFT or ACCEPTED is converted")
    if cart.locked_at is None and cart.expires_at is not None and cart.expires_at <= clock.now():
        raise ConflictError("the cart's date has passed; give it a later expiresDate first")


@requires(BILLING_WRITE)
async def convert_quote(
    services: Services, actor: Actor, body: ConvertQuoteIn, request_key: RequestKey | None
) -> ChargeOut:
    """The charge, made now or before. Raises RecordNotFoundError that names everything unknown, ConflictError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_convert_quote, actor, data_key, body))


async def _convert_quote(actor: Actor, data_key: DataKey, body: ConvertQuoteIn, conn: Connection) -> ChargeOut:
    organization_id = actor.organization_id
    quote = await queries.lock_quote(conn, organization_id, record_id(organization_id, body.quote_id))
    location_id = record_id(organization_id, body.location_id) if body.location_id is not None else None
    unknown = [] if quote else [f"no quote {body.quote_id} here"]
    if location_id and location_id not in await list_known(conn, organization_id, [location_id]):
        unknown.append(f"no location {body.location_id} here")
    refuse_unknown(unknown)
    if quote is None:
        raise unknown_quote(body.quote_id)
    charge_id = await charge_quote(conn, actor, data_key, quote, _details(body, location_id))
    return await _show(conn, actor, data_key, charge_id)


async def charge_quote(
    conn: Connection, actor: Actor, data_key: DataKey, quote: LockedQuote, details: ChargeDetails
) -> UUID:
    """The id of the charge, at the price that was accepted; the quote and its cart are CONVERTED. Raises ConflictError."""
    if quote.charge_id is not None:
        return quote.charge_id
    if quote.status != "ACCEPTED":
        raise ConflictError(f"the quote is {quote.status}; only one that is ACCEPTED is converted")
    content = await get_content(conn, actor.organization_id, quote.id)
    if not content.lines:
        raise ConflictError("the quote has no lines; there is nothing to charge for")
    there = msgspec.structs.replace(details, location_id=details.location_id or quote.location_id)
    texts = {line.id: open_text(data_key, DESCRIPTION, line.id, line.text) for line in content.lines}
    charge = charge_of(
        quote, content.lines, content.catalog, there, cart_id=quote.cart_id, quote_id=quote.id, texts=texts
    )
    await write_charge(conn, actor, data_key, charge)
    await move_quote(conn, actor, quote, "CONVERTED", charge.id)
    await move_cart(conn, actor, await lock_cart_of(conn, actor, quote), "CONVERTED", charge.id)
    return charge.id


def _details(body: ConvertCartIn | ConvertQuoteIn, location_id: UUID | None) -> ChargeDetails:
    return ChargeDetails(
        description=body.description,
        external_id=body.external_id,
        location_id=location_id,
        appointment_id=body.event_id,
    )


async def _show(conn: Connection, actor: Actor, data_key: DataKey, charge_id: UUID) -> ChargeOut:
    row = await find_charge(conn, actor.organization_id, charge_id)
    if row is None:
        raise ConflictError("the charge that was made of it is archived; make another cart")
    return show_charge(data_key, row)
