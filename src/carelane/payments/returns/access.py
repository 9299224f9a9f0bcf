"""The door to a payment that is to be given back, and to whoever and whatever is named with it."""

from uuid import UUID

import msgspec

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.locations.queries import list_known
from carelane.payments.returns.schemas import RefundPaymentIn
from carelane.payments.settling.queries import Standing, lock_standing
from carelane.staff.billing.access import active_member


class Named(msgspec.Struct, frozen=True):
    """Who gives back, and where."""

    provider_id: UUID
    location_id: UUID | None


async def get_named(conn: Connection, actor: Actor, body: RefundPaymentIn) -> Named:
    """Raises RecordNotFoundError."""
    provider_id = await active_member(conn, actor, body.provider_id)
    assert provider_id is not None
    if body.location_id is None:
        return Named(provider_id, None)
    location_id = record_id(actor.organization_id, body.location_id)
    if not await list_known(conn, actor.organization_id, [location_id]):
        raise RecordNotFoundError(f"no location {body.location_id} here")
    return Named(provider_id, location_id)


async def lock_payment(conn: Connection, actor: Actor, ref: str) -> Standing:
    """The payment and what belongs to it; its case and itself are locked. Raises RecordNotFoundError."""
    standing = await lock_standing(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if standing is None:
        raise RecordNotFoundError(f"no payment {ref} here")
    return standing
