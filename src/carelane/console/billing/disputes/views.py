"""What the page of a dispute shows."""

from carelane.console.amounts import spoken
from carelane.console.billing.states import DISPUTE_STATES
from carelane.console.billing.views import frame_of
from carelane.console.patients.states import CASE_STATES, ORDER_STATES
from carelane.kit.auth import Actor
from carelane.kit.languages import N_, _
from carelane.payments.disputes.schemas import EvidenceOut

_REASONS = {
    "fraudulent": N_("The card's owner says that they did not pay"),
    "product_not_received": N_("Says that nothing came"),
    "product_unacceptable": N_("Says that what came was not as described"),
    "duplicate": N_("Says that it was paid twice"),
    "credit_not_processed": N_("Says that money should have come back"),
    "subscription_canceled": N_("Says that it was canceled"),
    "unrecognized": N_("Does not know the payment"),
    "general": N_("Gave no reason"),
}
CHANNELS = {"MAIL": N_("by e-mail"), "SMS": N_("by text message")}


def reason_of(reason: str | None) -> str:
    if reason is None:
        return _("The bank gave no reason")
    return _(_REASONS[reason]) if reason in _REASONS else reason.replace("_", " ")


def evidence_page(actor: Actor, evidence: EvidenceOut) -> dict[str, object]:
    dispute = evidence.dispute
    return frame_of(actor, "disputes") | {
        "evidence": evidence,
        "dispute": dispute,
        "state": DISPUTE_STATES[dispute.status],
        "amount": spoken(dispute.amount, dispute.currency),
        "reason": reason_of(dispute.reason),
        "missing": missing(evidence),
        "order_states": ORDER_STATES,
        "decision_states": CASE_STATES,
        "channels": CHANNELS,
    }


def missing(evidence: EvidenceOut) -> list[str]:
    """What a bank asks for and we do not have."""
    is_shipped = any(order.tracking_id for order in evidence.deliveries)
    is_delivered = any(order.delivered_at for order in evidence.deliveries)
    wanted = (
        (bool(evidence.sold), _("what was sold with it")),
        (bool(evidence.decisions), _("a decision of a clinician")),
        (is_shipped, _("a tracking number")),
        (is_delivered, _("that it was delivered")),
        (any(one.status == "SENT" for one in evidence.receipts), _("a receipt that the patient was sent")),
    )
    return [text for is_there, text in wanted if not is_there]
