"""What the ledger is told of tips, in the transaction of the act. The charge is locked."""

from uuid import UUID

from carelane.charges.owed.queries import LockedCharge
from carelane.charges.tips import queries
from carelane.charges.tips.queries import StandingTip, TipChange
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.ledger import adjusting
from carelane.ledger.actions import post


async def post_tip(
    conn: Connection, organization_id: UUID, charge: LockedCharge, tip: StandingTip, amount_cents: int
) -> None:
    """So much more is owed for the tip's provider; less, where it is below nothing."""
    change = TipChange(id=uuid7(), tip_id=tip.id, staff_id=tip.staff_id, amount_cents=amount_cents)
    await queries.insert_change(conn, organization_id, change)
    entry = adjusting.tip(
        change.id,
        charge.books,
        patient_id=charge.patient_id,
        staff_id=tip.staff_id,
        amount_cents=amount_cents,
        charge_id=charge.id,
    )
    await post(conn, organization_id, entry)


async def undo_tips(conn: Connection, organization_id: UUID, charge: LockedCharge) -> None:
    """The charge is void: nobody owes its tips. They stay written on it."""
    for tip in await queries.list_standing(conn, organization_id, charge.id):
        await post_tip(conn, organization_id, charge, tip, -tip.amount_cents)
