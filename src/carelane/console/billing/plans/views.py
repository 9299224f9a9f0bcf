"""What the page of a payment plan asks and shows."""

from collections.abc import Mapping
from datetime import date

import msgspec

from carelane.charges.desk.schemas import DeskChargeDetailOut, DeskChargeOut
from carelane.charges.owed.access import Check
from carelane.charges.owed.queries import LockedCharge
from carelane.charges.plans.schemas import MAX_INSTALLMENTS
from carelane.console import times
from carelane.console.amounts import cents_of
from carelane.console.billing.charges.views import CHARGES_PATH, outstanding_in, require_seen, seen_of
from carelane.console.billing.views import frame_of
from carelane.console.forms import Filled, Form
from carelane.kit.auth import Actor
from carelane.kit.errors import CarelaneError, FieldProblem, InvalidRequestError
from carelane.kit.formatting import money_text
from carelane.kit.ids import parse_uuid
from carelane.kit.languages import N_, _
from carelane.kit.phi import Phi
from carelane.payments.plans.rows import equal_plan
from carelane.payments.plans.schemas import (
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
    "also": N_("Choose charges of the list. What is not there is paid, or in a plan, or of another place or currency."),
    "methodId": N_("Choose a card that is kept for the patient."),
}


class Together(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The charge that the plan is agreed on from, those of the patient's that could be in it, and which of them are."""

    detail: DeskChargeDetailOut
    others: list[DeskChargeOut]
    also: list[str]
    cards: list[PaymentMethodOut]

    @property
    def chosen(self) -> list[DeskChargeOut]:
        return [row for row in self.others if str(row.id) in self.also]

    @property
    def owed_cents(self) -> int:
        return sum(row.charge.total_outstanding for row in (self.detail, *self.chosen))

    def require_known(self) -> None:
        """Raises InvalidRequestError."""
        if len(self.chosen) < len(set(self.also)):
            raise InvalidRequestError(problems=[FieldProblem("also", "")])


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


def asked_form(asked: Mapping[str, str], of: Together) -> Filled:
    """As it was asked; to begin with a usual plan."""
    usual = next((card for card in of.cards if card.is_default), of.cards[0] if of.cards else None)
    begun = _USUAL | ({"methodId": str(usual.id)} if usual else {})
    return Filled.of(**(dict(asked) or begun), also=of.also)


def refused(form: Filled, error: CarelaneError) -> Filled:
    """The page again: what is wrong stands beside its field, in words for people."""
    names = {one.field.removeprefix("paymentPlan.") for one in error.problems}
    names |= {"installments"} if "installmentAmount" in names else set()
    problems = {name: _(text) for name, text in _SAID.items() if name in names}
    general = [] if problems else [error.detail or error.message]
    return Filled(form.fields, problems, general, 409 if error.status == 409 else 422, error)


def together(
    detail: DeskChargeDetailOut, owed: list[DeskChargeOut], also: list[str], cards: list[PaymentMethodOut]
) -> Together:
    """Of what the patient owes, what one card can pay at once: of one currency and one place."""
    kind = (detail.currency, detail.is_test, detail.charge.location_id)
    others = [
        row
        for row in owed
        if (row.currency, row.is_test, row.charge.location_id) == kind and row.id != detail.id and is_plannable(row)
    ]
    return Together(detail=detail, others=others, also=also, cards=cards)


def is_plannable(row: DeskChargeOut) -> bool:
    """A case's charge is paid by the case's own payment."""
    return row.charge.status == "OUTSTANDING" and row.charge.total_outstanding > 0 and row.case_id is None


def plan_page(actor: Actor, of: Together, preview: PlanPreviewOut | None) -> dict[str, object]:
    detail, cards = of.detail, of.cards
    charge, currency = detail.charge, detail.currency
    return frame_of(actor, "charges") | {
        "detail": detail,
        "charge": charge,
        "currency": currency,
        "path": f"{CHARGES_PATH}/{detail.id}",
        "cards": [(str(card.id), card_text(card)) for card in cards],
        "rhythms": [(code, _(text)) for code, text in RHYTHMS.items()],
        "preview": preview,
        "owed_text": money_text(of.owed_cents, currency),
        "others": [(str(row.id), named(row)) for row in of.others],
        "also": of.also,
        "seen": {"seen": _seen(detail)} | {f"seen-{row.id}": _seen(row) for row in of.chosen},
    }


def named(row: DeskChargeOut) -> str:
    sold = ", ".join(line.name for line in row.charge.items) or _("Charge")
    when = times.day(row.charge.created_date).striptags()
    return f"{money_text(row.charge.total_outstanding, row.currency)} · {sold} · {when}"


def _seen(row: DeskChargeOut) -> str:
    return seen_of(row.charge.status, row.charge.total, row.charge.total_outstanding, row.currency)


def check_of_each(form: Form, detail: DeskChargeDetailOut) -> Check:
    """For the act: what was seen of each charge still stands."""

    def check(charge: LockedCharge) -> None:
        require_seen(form.get("seen" if charge.id == detail.id else f"seen-{charge.id}"), charge)

    return check


def card_text(card: PaymentMethodOut) -> str:
    brand = (card.brand or "").replace("_", " ").title() or _("Card")
    number = f"{brand} •••• {card.last4}" if card.last4 else brand
    return f"{number}, {card.exp_month:02d}/{card.exp_year}" if card.exp_month and card.exp_year else number


def agreed_of(charge_id: str, form: Form, asked: Terms, owed_cents: int) -> PlanWithChargesIn:
    """What was shown. Nothing is looked at before it is agreed on: who sends it again must find that it was. So of the charges beside
    it counts what was seen of them, which the act holds against what stands."""
    also = form.all("also")
    owed_cents += sum(outstanding_in(form.get(f"seen-{ref}")) or 0 for ref in also)
    plan = equal_plan([charge_id, *also], asked.terms, owed_cents, asked.terms.start_date)
    return PlanWithChargesIn(charges=[], payment_plan=plan, rainforest_payment_method_id=asked.method_id)
