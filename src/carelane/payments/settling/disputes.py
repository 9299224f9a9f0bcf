"""A dispute, taken in: the patient's bank takes the money, and the gateway its fee; it comes back, or it does not."""

from msgspec.structs import replace

from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.payments.gateways.protocol import Dispute
from carelane.payments.queries import PaymentRow
from carelane.payments.settling import posting, queries
from carelane.payments.settling.queries import DisputeRow, IntentRow, Standing
from carelane.payments.settling.saving import Taken, payment_event


async def take_dispute(conn: Connection, actor: Actor, standing: Standing, seen: Dispute) -> Taken:
    payment = standing.payment
    intent = next((one for one in standing.intents if one.gateway_id == seen.intent_id), None)
    if intent is None or not intent.captured_cents:
        return Taken(needs_intent=seen.intent_id) if seen.intent_id else Taken()
    if seen.currency != payment.currency:
        return Taken(
            standing=replace(standing, payment=replace(payment, stage="NEEDS_STAFF", failure="CURRENCY_DIFFERS"))
        )
    known = next((one for one in standing.disputes if one.gateway_id == seen.id), None)
    after = _merged(payment, intent, known, seen)
    await queries.save_dispute(conn, after)
    await posting.post_dispute(conn, actor, standing, after, taken_cents=seen.taken_cents)
    acts = []
    if known is None:
        cents = str(after.amount_cents)
        acts.append(payment_event(actor, payment, "DISPUTE_OPENED", value_after=cents))
    if after.status != "OPEN" and (known is None or known.status == "OPEN"):
        acts.append(payment_event(actor, payment, "DISPUTE_CLOSED", value_after=after.status))
    disputes = [*(one for one in standing.disputes if one.id != after.id), after]
    return Taken(standing=replace(standing, disputes=disputes), acts=acts)


def _merged(payment: PaymentRow, intent: IntentRow, known: DisputeRow | None, seen: Dispute) -> DisputeRow:
    """One that came to its end stays there, whatever older news says."""
    if known is None:
        return DisputeRow(
            organization_id=payment.organization_id,
            id=uuid7(),
            payment_id=payment.id,
            gateway_account_id=intent.gateway_account_id,
            gateway_id=seen.id,
            amount_cents=seen.amount_cents,
            fee_cents=seen.fee_cents,
            currency=seen.currency,
            reason=seen.reason,
            status=seen.status,
            opened_at=seen.created_at,
            closed_at=None if seen.status == "OPEN" else clock.now(),
        )
    if known.status != "OPEN":
        return known
    closed_at = None if seen.status == "OPEN" else clock.now()
    fee_cents = max(known.fee_cents, seen.fee_cents)
    if seen.status == "WON":
        fee_cents = seen.fee_cents
    elif seen.status == "OPEN":
        # What answering the bank costs is posted with the outcome.
        fee_cents = known.fee_cents or seen.fee_cents
    return replace(known, fee_cents=fee_cents, status=seen.status, closed_at=closed_at)
