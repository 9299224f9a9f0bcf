"""What the page says of refunds, and what is typed twice before money goes back."""

from carelane.console.amounts import cents_of, require_amount, typed_cents
from carelane.console.forms import Form
from carelane.kit.languages import N_
from carelane.kit.money import decimal_string
from carelane.payments.desk.schemas import PaymentDetailOut
from carelane.payments.refunds.schemas import RefundIn
from carelane.payments.states import RefundStatus

REASONS = (
    ("", N_("Another reason, in the note")),
    ("requested_by_customer", N_("The patient asked for it")),
    ("duplicate", N_("It was paid twice")),
    ("fraudulent", N_("It was not the patient who paid")),
)
REFUNDS: dict[RefundStatus, str] = {
    "GRANTED": N_("granted, not sent"),
    "SENDING": N_("being sent"),
    "SENT": N_("sent"),
    "SUCCEEDED": N_("given back"),
    "FAILED": N_("failed"),
    "CANCELED": N_("taken back"),
}


def refund_of(form: Form, payment: PaymentDetailOut) -> RefundIn:
    """What is to be granted: all that can be, where no amount was typed. Raises RuleBrokenError unless it was typed twice."""
    currency, is_all = payment.currency, not form.get("amount").strip()
    cents = cents_of(payment.refundable, currency) or 0 if is_all else typed_cents(form, "amount", currency)
    require_amount(form, "again", cents, currency)
    return form.read(RefundIn, amount=decimal_string(cents, currency))
