"""What the page says of refunds, and what is typed twice before money goes back."""

import re
from collections.abc import Sequence

import msgspec

from carelane.console.amounts import cents_of, require_amount, typed_cents
from carelane.console.forms import Filled, Form
from carelane.kit.errors import CarelaneError, FieldProblem, RuleBrokenError
from carelane.kit.languages import N_, _
from carelane.kit.money import decimal_string
from carelane.payments.desk.schemas import PaymentDetailOut
from carelane.payments.lines.schemas import RefundableItemOut
from carelane.payments.refunds.schemas import RefundIn
from carelane.payments.states import NOT_OWED, RefundStatus

_ITEM = re.compile(r"items\[([0-9]{1,3})\]\.(\w{1,20})", re.ASCII)

REASONS = (
    ("", N_("Another reason, in the note")),
    ("requested_by_customer", N_("The patient asked for it")),
    ("duplicate", N_("It was paid twice")),
    ("fraudulent", N_("It was not the patient who paid")),
)
# Of what was granted, and of what goes back by itself.
WHY = {code: text for code, text in REASONS if code} | {NOT_OWED: N_("Not owed any more when it came")}
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


def not_owed(payment: PaymentDetailOut) -> tuple[str, str, str] | None:
    """What of it was not owed any more: how much, what becomes of that, and how it is shown. None: nothing, or a person gave it back."""
    refund = next((one for one in payment.refunds if one.reason == NOT_OWED), None)
    if refund is None:
        return None
    if payment.failure == "REFUND_FAILED":
        return refund.amount, _("It could not be given back by itself: grant a refund, and send it."), "problem"
    if refund.status in {"FAILED", "CANCELED"}:
        return None
    if refund.status == "SUCCEEDED":
        return refund.amount, _("It went back by itself."), "warn"
    return refund.amount, _("It goes back by itself; nobody has to do anything."), "warn"


def chosen(form: Form) -> Form:
    """Without the items that are not checked."""
    checked = {found[1] for name in form.fields if (found := _ITEM.fullmatch(name)) and found[2] == "id"}
    kept = {
        name: texts
        for name, texts in form.fields.items()
        if (found := _ITEM.fullmatch(name)) is None or found[1] in checked
    }
    return msgspec.structs.replace(form, fields=kept)


def refund_of_items(form: Form, currency: str) -> RefundIn:
    """What is checked, and what was typed that it comes to. Raises RuleBrokenError, InvalidRequestError."""
    if not any(_ITEM.fullmatch(name) for name in form.fields):
        raise RuleBrokenError(problems=[FieldProblem("items", _("Choose what goes back"))])
    if not form.get("itemsAgain").strip():
        raise RuleBrokenError(problems=[FieldProblem("itemsAgain", _("Type what the chosen items come to"))])
    amount = decimal_string(typed_cents(form, "itemsAgain", currency), currency)
    said = {"reason": form.get("itemsReason"), "comment": form.get("itemsComment").strip()}
    return form.read(RefundIn, amount=amount, **{name: text for name, text in said.items() if text})


def refused(form: Form, error: CarelaneError) -> Filled:
    """By the fields' names on the page: those that are not checked have closed up."""
    numbers = sorted({int(found[1]) for name in chosen(form).fields if (found := _ITEM.fullmatch(name))})
    filled, named = form.refused(error), {"amount": "itemsAgain", "reason": "itemsReason", "comment": "itemsComment"}
    for place, number in enumerate(numbers):
        named |= {f"items[{place}].{name}": f"items[{number}].{name}" for name in ("id", "quantity")}
    problems = {named.get(name, name): text for name, text in filled.problems.items()}
    return msgspec.structs.replace(filled, problems=problems)


def filled_in(payment: PaymentDetailOut, items: Sequence[RefundableItemOut]) -> Filled:
    """To begin with: all that is left."""
    left = {f"items[{number}].quantity": one.quantity_left for number, one in enumerate(items)}
    return Filled.of(amount=payment.refundable, **left)
