"""Whether an instalment may still be taken, as its charges stand once they are locked."""

from typing import Literal

from carelane.charges.plans.actions import fit, lock_whole
from carelane.charges.plans.queries import find_of_payment, set_card
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.payments.moving import queries
from carelane.payments.queries import PaymentRow

# WAIT: another card is being charged for one of them. WITHDRAW: the plan is over, or less is owed by now; what is still owed of it
# is an instalment again, which the plan takes with the same card.
Verdict = Literal["TAKE", "WAIT", "WITHDRAW"]


async def fit_instalment(conn: Connection, actor: Actor, payment: PaymentRow) -> Verdict:
    """Of a payment that is locked and about to be charged. Nobody pays its charges otherwise before the transaction ends."""
    organization_id = actor.organization_id
    plan_id = await find_of_payment(conn, organization_id, payment.id)
    if plan_id is None:
        return "WITHDRAW"
    plan = await lock_whole(conn, organization_id, plan_id)
    if not plan.is_running:
        return "WITHDRAW"
    if await queries.find_others_moving(conn, organization_id, payment.id):
        return "WAIT"
    if await queries.find_fitting(conn, organization_id, payment.id):
        return "TAKE"
    await set_card(conn, organization_id, plan_id, payment.id)
    await queries.set_scheduled_again(conn, organization_id, payment.id)
    await fit(conn, actor, plan)
    return "WITHDRAW"
