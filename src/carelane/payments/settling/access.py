"""The doors to a payment, by the id that callers send."""

from uuid import UUID

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import parse_uuid
from carelane.payments.errors import PaymentNotFoundError
from carelane.payments.settling import queries
from carelane.payments.settling.queries import Standing


def payment_id_of(ref: str) -> UUID:
    """Whatever is not an id names no payment. Raises PaymentNotFoundError."""
    payment_id = parse_uuid(ref)
    if payment_id is None:
        raise PaymentNotFoundError
    return payment_id


async def lock_standing(conn: Connection, actor: Actor, ref: str) -> Standing:
    """The payment and all that belongs to it, its case and itself locked. Raises PaymentNotFoundError."""
    standing = await queries.lock_standing(conn, actor.organization_id, payment_id_of(ref))
    if standing is None:
        raise PaymentNotFoundError
    return standing


async def get_standing(conn: Connection, actor: Actor, ref: str) -> Standing:
    """The same without the locks. Raises PaymentNotFoundError."""
    standing = await queries.find_standing(conn, actor.organization_id, payment_id_of(ref))
    if standing is None:
        raise PaymentNotFoundError
    return standing
