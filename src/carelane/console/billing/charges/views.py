"""What the pages of charges show, and what is typed on them."""

from typing import Any, Literal

from carelane.charges.desk.schemas import DeskChargeDetailOut, DeskChargeOut
from carelane.charges.owed.access import Check
from carelane.charges.owed.queries import LockedCharge
from carelane.charges.schemas import ChargeFilters, ChargeStatus
from carelane.console.amounts import require_amount
from carelane.console.billing.states import ENTRIES, MEDIUMS, PAYMENT_STATES
from carelane.console.billing.views import (
    PAGE_SIZE,
    PATH,
    Asked,
    Filter,
    amounts_of,
    choice,
    days,
    frame_of,
    one_of,
    pages,
    span_of,
)
from carelane.console.forms import Form
from carelane.console.patients.states import CHARGE_STATES
from carelane.kit.auth import Actor
from carelane.kit.errors import ConflictError
from carelane.kit.formatting import money_text
from carelane.kit.ids import record_id
from carelane.kit.languages import N_, _
from carelane.kit.names import fold_name
from carelane.payments.till.schemas import PaidChargeIn, PayerIn
from carelane.web.paging import Page

NOTES = {
    "adjusted": N_("The charge is adjusted."),
    "voided": N_("The charge is voided. Nothing is owed."),
    "written-off": N_("What was outstanding is written off."),
    "archived": N_("The charge is archived. It is in no list any more."),
    "paid": N_("The payment is taken."),
    "asked": N_("The link to pay is on its way."),
    "made": N_("The charge is made."),
    "planned": N_("The plan is agreed on. Each instalment is taken on its day."),
    "plan-ended": N_("The plan is ended. What was not taken yet is outstanding again."),
}
CHARGES_PATH = f"{PATH}/charges"
FILTERS = ("status", "from", "until", "name", "patient", "min", "max")
# In the order of how often they are handed over.
AT_DESK = ("CASH", "CHECK", "CARE_CREDIT")


def filters_of(actor: Actor, asked: Asked, currency: str) -> ChargeFilters:
    """Raises InvalidRequestError."""
    span, status, name = span_of(asked), one_of(asked, "status", CHARGE_STATES), asked.get("name")
    return ChargeFilters(
        statuses=[status] if status else None,
        patient_id=record_id(actor.organization_id, asked["patient"]) if "patient" in asked else None,
        patient_name=(fold_name(name) or name) if name else None,
        total=amounts_of(asked, currency),
        created_from=span.begins_at,
        created_until=span.ends_at,
    )


def page_of(number: int) -> Page:
    return Page(PAGE_SIZE, (number - 1) * PAGE_SIZE)


def list_page(actor: Actor, asked: Asked, charges: list[DeskChargeOut], total: int, number: int) -> dict[str, object]:
    states = {code: shown.text for code, shown in CHARGE_STATES.items()}
    fields = [
        choice(asked, "status", _("State"), states, _("any state")),
        Filter(name="name", label=_("Patient"), value=asked.get("name", "")),
        *days(asked),
        Filter(name="min", label=_("From amount"), value=asked.get("min", ""), kind="money"),
        Filter(name="max", label=_("To amount"), value=asked.get("max", ""), kind="money"),
    ]
    back, onward = pages(CHARGES_PATH, asked, number, total)
    return frame_of(actor, "charges", fields, asked) | {
        "charges": charges,
        "states": CHARGE_STATES,
        "total": total,
        "back": back,
        "onward": onward,
    }


def charge_page(actor: Actor, detail: DeskChargeDetailOut, link: str | None) -> dict[str, Any]:
    charge, currency = detail.charge, detail.currency
    return frame_of(actor, "charges") | {
        "detail": detail,
        "charge": charge,
        "currency": currency,
        "state": CHARGE_STATES[charge.status],
        "payment_states": PAYMENT_STATES,
        "mediums": MEDIUMS,
        "at_desk": [(medium, _(MEDIUMS[medium])) for medium in AT_DESK],
        "entries": ENTRIES,
        "seen": seen_of(charge.status, charge.total, charge.total_outstanding, currency),
        "owed_text": money_text(charge.total_outstanding, currency),
        "total_text": money_text(charge.total, currency),
        "link": link,
    }


def paid(detail: DeskChargeOut, cents: int) -> PaidChargeIn:
    """So much of it is paid now."""
    charge = detail.charge
    return PaidChargeIn(
        id=str(detail.id),
        total=charge.total,
        total_outstanding=cents,
        status=charge.status,
        patient=PayerIn(id=charge.patient.id),
        created_date=charge.created_date,
    )


def seen_of(status: ChargeStatus, total_cents: int, outstanding_cents: int, currency: str) -> str:
    """What of the charge an act depends on: another one means that somebody was faster."""
    return f"{status}.{total_cents}.{outstanding_cents}.{currency}"


def seen_in(form: Form) -> str:
    """The currency that amounts are typed in. The act finds out if it is not the charge's: see `check_of`."""
    return form.get("seen").rpartition(".")[2]


def outstanding_in(seen: str) -> int | None:
    """What was outstanding of it, None where the text says nothing."""
    cents = [*seen.split("."), "", "", ""][2]
    return int(cents) if cents.isascii() and cents.isdigit() and len(cents) < 20 else None


def check_of(form: Form, own: Form, wanted: Literal["total", "outstanding"] | None = None) -> Check:
    """For the act: what was seen of the charge still stands, and this amount of it was typed again."""

    def check(charge: LockedCharge) -> None:
        require_seen(form.get("seen"), charge)
        if wanted is not None:
            cents = charge.total_cents if wanted == "total" else charge.outstanding_cents
            require_amount(own, "again", cents, charge.currency)

    return check


def require_seen(seen: str, charge: LockedCharge) -> None:
    """Raises ConflictError, which says what changed."""
    if seen == seen_of(charge.status, charge.total_cents, charge.outstanding_cents, charge.currency):
        return
    before = outstanding_in(seen)
    raise ConflictError(
        _("The charge changed since you opened it. Outstanding was %(before)s, and is %(now)s; it is: %(state)s.")
        % {
            "before": _("something else") if before is None else money_text(before, charge.currency),
            "now": money_text(charge.outstanding_cents, charge.currency),
            "state": _(CHARGE_STATES[charge.status].text),
        }
    )
