"""The door to the lines that are to be given back."""

from collections.abc import Sequence
from uuid import UUID

from carelane.charges.plans.actions import lock_of_payment as lock_plan
from carelane.charges.refresh import lock_charge
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.payments.lines import queries
from carelane.payments.lines.queries import NewRefundLine
from carelane.payments.lines.rows import Part, parts_of, worths
from carelane.payments.lines.schemas import RefundItemIn
from carelane.payments.shares.queries import list_charges_of_payment


async def lock_parts(conn: Connection, actor: Actor, payment_id: UUID, items: Sequence[RefundItemIn]) -> list[Part]:
    """Of a payment that is locked: its charges are now, so that nobody gives the same back meanwhile. Raises InvalidRequestError."""
    await lock_plan(conn, actor.organization_id, payment_id)
    for charge_id in await list_charges_of_payment(conn, actor.organization_id, payment_id):
        await lock_charge(conn, actor.organization_id, charge_id)
    return parts_of(items, worths(await queries.list_lines(conn, actor.organization_id, payment_id)))


async def keep_parts(conn: Connection, actor: Actor, refund_id: UUID, parts: Sequence[Part]) -> None:
    """With their refund, which is written already."""
    if parts:
        new = [
            NewRefundLine(
                organization_id=actor.organization_id,
                refund_id=refund_id,
                line_id=part.line.id,
                quantity=part.quantity,
                amount_cents=part.cents,
            )
            for part in parts
        ]
        await queries.insert_lines(conn, new)
