"""What the page of a payment plan asks and shows."""

from collections.abc import Mapping
from datetime import date

import msgspec

from carelane.charges.desk.schemas import DeskChargeDetailOut
from carelane.console.amounts import cents_of
from carelane.console.billing.charges.views import CHARGES_PATH, seen_of
from carelane.console.billing.views import frame_of
from carelane.console.forms import Filled
from carelane.kit.auth import Actor
from carelane.kit.errors import CarelaneError, FieldProblem, InvalidRequestError
from carelane.kit.formatting import money_text
from carelane.kit.ids import parse_uuid
from carelane.kit.languages import N_, _
from carelane.payments.plans.rows import equal_plan
from carelane.payments.plans.schemas import (
    MAX_INSTALLMENTS,
    PlanPreviewOut,
    PlanTerms,
    PlanWithChargesIn,
)
from carelane.payments.saved.schemas import PaymentMethodOut

FIELDS = ("installments", "frequency", "startDate", "initialAmount", "methodId")
RHYTHMS = {"WEEKLY": N_("every week"), "BIWEEKLY": N_("every two weeks"), "MONTHLY": N_("every month")}
_USUAL = {"installments": "3", "frequency": "MONTHLY"}
# In words for people; the API says the same of names and cents.
_SAID = {
    "installments": N_("Type a number from 1 to 120, and no more than there are cents to pay."),
    "frequency": N_("Choose one of the list."),
    "startDate": N_("Choose a day from today on, within a year, or leave it empty."),
    "initialAmount": N_("Type an amount such as 12.50, less than what is outstanding: instalments follow."),
    "methodId": N_("Choose a card that is kept for the patient."),
}


class Terms(msgspec.Struct, frozen=True):
    """What was asked for, as far as it can be read."""

    terms: PlanTerms
    method_id: str


def read_terms(asked: Mapping[str, str], cards: list[PaymentMethodOut], currency: str) -> Terms:
    """Raises InvalidRequestError with everything that cannot be read."""
    wrong = [FieldProblem(name, "") for name, is_good in _looked_at(asked, cards, currency) if not is_good]
    if wrong:
        raise InvalidRequestError(problems=wrong)
    start, initial = asked.get("startDate"), asked.get("initialAmount")
    return Terms(
        terms=PlanTerms(
            installments=int(asked["installments"]),
            frequency=msgspec.convert(asked["frequency"], PlanTerms.__annotations__["frequency"]),
            initial_amount=(cents_of(initial, currency) or 0) if initial else 0,
            start_date=date.fromisoformat(start) if start else None,
        ),
        method_id=asked["methodId"],
    )


def _looked_at(asked: Mapping[str, str], cards: list[PaymentMethodOut], currency: str) -> list[tuple[str, bool]]:
    count, initial = asked.get("installments", ""), asked.get("initialAmount")
    return [
        (
            "installments",
            count.isascii() and count.isdigit() and len(count) < 4 and 1 <= int(count) <= MAX_INSTALLMENTS,
        ),
        ("frequency", asked.get("frequency") in RHYTHMS),
        ("startDate", _is_day(asked.get("startDate"))),
        ("initialAmount", initial is None or cents_of(initial, currency) is not None),
        ("methodId", parse_uuid(asked.get("methodId", "")) in {card.id for card in cards}),
    ]


def _is_day(text: str | None) -> bool:
    try:
        return text is None or bool(date.fromisoformat(text))
    except ValueError:
        return False


def asked_form(asked: Mapping[str, str], cards: list[PaymentMethodOut]) -> Filled:
    """As it was asked; to begin with a usual plan."""
    usual = next((card for card in cards if card.is_default), cards[0] if cards else None)
    begun = _USUAL | ({"methodId": str(usual.id)} if usual else {})
    return Filled.of(**(dict(asked) or begun))


def refused(form: Filled, error: CarelaneError) -> Filled:
    """The page again: what is wrong stands beside its field, in words for people."""
    names = {one.field.removeprefix("paymentPlan.") for one in error.problems}
    names |= {"installments"} if "installmentAmount" in names else set()
    problems = {name: _(text) for name, text in _SAID.items() if name in names}
    general = [] if problems else [error.detail or error.message]
    return Filled(form.fields, problems, general, 409 if error.status == 409 else 422, error)


def plan_page(
    actor: Actor, detail: DeskChargeDetailOut, cards: list[PaymentMethodOut], preview: PlanPreviewOut | None
) -> dict[str, object]:
    charge, currency = detail.charge, detail.currency
    return frame_of(actor, "charges") | {
        "detail": detail,
        "charge": charge,
        "currency": currency,
        "path": f"{CHARGES_PATH}/{detail.id}",
        "cards": [(str(card.id), card_text(card)) for card in cards],
        "rhythms": [(code, _(text)) for code, text in RHYTHMS.items()],
        "preview": preview,
        "owed_text": money_text(charge.total_outstanding, currency),
        "seen": seen_of(charge.status, charge.total, charge.total_outstanding, currency),
    }


def card_text(card: PaymentMethodOut) -> str:
    brand = (card.brand or "").replace("_", " ").title() or _("Card")
    number = f"{brand} •••• {card.last4}" if card.last4 else brand
    return f"{number}, {card.exp_month:02d}/{card.exp_year}" if card.exp_month and card.exp_year else number


def agreed_of(charge_id: str, asked: Terms, owed_cents: int) -> PlanWithChargesIn:
    """What was shown. Nothing is looked at before it is agreed on: who sends it again must find that it was."""
    plan = equal_plan(charge_id, asked.terms, owed_cents, asked.terms.start_date)
    return PlanWithChargesIn(charges=[], payment_plan=plan, rainforest_payment_method_id=asked.method_id)
