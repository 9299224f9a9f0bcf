"""Amounts as people type them, and what is typed again before money goes back."""

from collections.abc import Callable

from carelane.console.forms import Filled
from carelane.kit.errors import FieldProblem, InvalidRequestError, RuleBrokenError
from carelane.kit.formatting import money_text
from carelane.kit.languages import N_, _
from carelane.kit.money import read_amount
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


def says(currency: str) -> Callable[[str], str]:
    """A decimal string as `$159.00`."""
    return lambda text: money_text(_cents(text, currency) or 0, currency)


def require_twice(form: Filled, amount: str, currency: str) -> None:
    """Raises RuleBrokenError unless the same amount was typed again."""
    wanted, typed = _cents(amount, currency), _cents(form.get("again"), currency)
    if wanted is not None and wanted != typed:
        said = _("Type the amount again: %(amount)s") % {"amount": money_text(wanted, currency)}
        raise RuleBrokenError(problems=[FieldProblem("again", said)])


def _cents(text: str, currency: str) -> int | None:
    try:
        return read_amount(text.strip().lstrip("$"), currency)
    except (ValueError, InvalidRequestError):
        return None
