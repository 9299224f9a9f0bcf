"""From an accepted quote to its charge, once, however many ask for it."""

from functools import partial
from uuid import UUID

import msgspec

from carelane.carts import moving as cart_moving
from carelane.carts.converting import Conversion, new_charge
from carelane.charges.access import find_shown
from carelane.charges.actions import write_charge
from carelane.charges.schemas import ChargeOut
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.kit.phi import DataKey
from carelane.locations.queries import list_known
from carelane.quotes.access import open_description
from carelane.quotes.actions import hold_cart
from carelane.quotes.editing.queries import get_content
from carelane.quotes.moving import move_quote
from carelane.quotes.queries import LockedQuote, lock_quote
from carelane.quotes.schemas import ConvertQuoteIn
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


async def convert_quote(
    conn: Connection, actor: Actor, data_key: DataKey, quote: LockedQuote, conversion: Conversion
) -> UUID:
    """The id of the quote's charge, at the price that was accepted; its cart is CONVERTED with it.

    One that was converted before keeps its charge. Raises ConflictError: not accepted, or nothing in it.
    """
    if quote.charge_id is not None:
        return quote.charge_id
    if quote.status != "ACCEPTED":
        raise ConflictError(f"the quote is {quote.status}; only one that is ACCEPTED is converted")
    content = await get_content(conn, actor.organization_id, quote.id)
    if not content.lines:
        raise ConflictError("the quote has no lines; there is nothing to charge for")
    if conversion.location_id is None:
        conversion = msgspec.structs.replace(conversion, location_id=quote.location_id)
    charge = new_charge(
        quote,
        content.lines,
        content.catalogue,
        conversion,
        cart_id=quote.cart_id,
        quote_id=quote.id,
        words={line.id: open_description(data_key, line.id, line.words) for line in content.lines},
    )
    await write_charge(conn, actor, data_key, charge)
    await move_quote(conn, actor, quote, "CONVERTED", charge.id)
    await cart_moving.move_cart(conn, actor, await hold_cart(conn, actor, quote), "CONVERTED", charge.id)
    return charge.id


async def convert_once(
    services: Services, actor: Actor, body: ConvertQuoteIn, request_key: RequestKey | None
) -> ChargeOut:
    """Raises RecordNotFoundError that names all that is unknown, ConflictError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_convert, actor, data_key, body))


async def _convert(actor: Actor, data_key: DataKey, body: ConvertQuoteIn, conn: Connection) -> ChargeOut:
    organization_id = actor.organization_id
    quote = await lock_quote(conn, organization_id, record_id(organization_id, body.quote_id))
    location_id = record_id(organization_id, body.location_id) if body.location_id is not None else None
    unknown = [] if quote else [f"no quote {body.quote_id} here"]
    if location_id and location_id not in await list_known(conn, organization_id, [location_id]):
        unknown.append(f"no location {body.location_id} here")
    if quote is None or unknown:
        raise RecordNotFoundError("; ".join(unknown))
    conversion = Conversion(
        description=body.description,
        external_id=body.external_id,
        location_id=location_id,
        appointment_id=body.event_id,
    )
    charge_id = await convert_quote(conn, actor, data_key, quote, conversion)
    charge = await find_shown(conn, data_key, organization_id, charge_id)
    if charge is None:
        raise LookupError("a converted quote without its charge")
    return charge
