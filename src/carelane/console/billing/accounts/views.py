"""What the page of a patient's account shows."""

from carelane.charges.desk.schemas import DeskChargesOut
from carelane.console import times
from carelane.console.billing.plans.views import is_plannable, named
from carelane.console.billing.states import MEDIUMS, PAYMENT_STATES
from carelane.console.billing.views import frame_of
from carelane.console.patients.states import CHARGE_STATES
from carelane.console.patients.views import name_of, person_line
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.languages import N_, _
from carelane.patient_detail.schemas import PatientDetailOut
from carelane.payments.credits.schemas import AvailableOut, CreditOut, DeskCreditOut
from carelane.payments.listing.schemas import DeskPaymentsOut

NOTES = {
    "given": N_("The credit is given. It can be spent now."),
    "taken": N_("The credit is taken back."),
}
# Of each list; all have a list of their own.
SHOWN = 10


def account_page(
    actor: Actor,
    record: PatientDetailOut,
    charges: DeskChargesOut,
    listed: DeskPaymentsOut,
    credits_: list[DeskCreditOut],
    available: AvailableOut,
) -> dict[str, object]:
    payments = listed.items
    return frame_of(actor, "accounts") | {
        "patient": record,
        "name": name_of(record),
        "line": person_line(record),
        "open_case": None,
        "charges": charges,
        "payments": payments,
        "test_ids": listed.test_ids,
        "credits": credits_,
        "available": available.total_available,
        "currency": record.credit_currency,
        "charge_states": CHARGE_STATES,
        "payment_states": PAYMENT_STATES,
        "mediums": MEDIUMS,
        "plannable": [(str(row.id), named(row)) for row in charges.charges if is_plannable(row)],
        "plans": [row for row in charges.charges if row.charge.planned_payments],
        "refunds": [(payment, refund) for payment in payments.data for refund in payment.refunds],
        "standing": {row.credit.id: standing(row.credit) for row in credits_},
    }


def standing(credit: CreditOut) -> str:
    if not credit.amount_remaining:
        return _("used up")
    if credit.expiry_date is not None and credit.expiry_date <= clock.now():
        return _("ran out")
    if credit.expiry_date is not None:
        return _("good until %(day)s") % {"day": times.day(credit.expiry_date).striptags()}
    return _("does not run out")
