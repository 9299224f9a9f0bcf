"""The pages before the one that was asked for: who are you, and why not."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from carelane.bills.proof.access import ProofKind, known_of
from carelane.bills.proof.queries import ProofRow
from carelane.bills.receipts.queries import ClinicRow
from carelane.kit import clock
from carelane.kit.formatting import moment_text
from carelane.kit.languages import N_, _
from carelane.quotes.page.views import IdentityForm
from carelane.web.html.pages import PATIENT_STYLES, PageContent, Pages, notice
from carelane.web.html.wording import locked_text, support_text

PAGES = Pages(Path(__file__).parent / "templates", PATIENT_STYLES)
What = Literal["bill", "receipt"]

_WORDS: dict[What, tuple[str, str]] = {
    "bill": (N_("Before we show your bill, please tell us what %(clinic)s has on file."), N_("Show your bill")),
    "receipt": (
        N_("Before we show the receipt in full, please tell us what %(clinic)s has on file."),
        N_("Show the receipt in full"),
    ),
}
_STATUSES: dict[ProofKind, int] = {"replaced": 410, "ended": 410, "closed": 403, "locked": 429}


def identity_page(path: str, row: ProofRow, what: What, message: str = "") -> PageContent:
    """The form by which readers show who they are. `what`: what is shown then."""
    known = known_of(row)
    form = IdentityForm(known.asks_name, known.asks_birth, message)
    intro, button = (_(text) % {"clinic": row.clinic.name} for text in _WORDS[what])
    values: dict[str, object] = {"intro": intro, "button": button, "form": form, "action": f"{path}/verify"}
    return PageContent("identity.html", values | {"clinic": row.clinic.name, "logo": row.clinic.logo})


def closed_page(row: ProofRow, kind: ProofKind) -> PageContent:
    now = clock.now()
    title, *paragraphs = _texts(row, kind, now)
    content = notice(
        _STATUSES.get(kind, 200), title, *paragraphs, support(row.clinic), clinic=row.clinic.name, logo=row.clinic.logo
    )
    if kind != "locked":
        return content
    seconds = max(1, int(_left(row, now).total_seconds()))
    return msgspec.structs.replace(content, headers={"Retry-After": str(seconds)})


def ended_page(clinic: ClinicRow) -> PageContent:
    """Of a link that was good until a day."""
    return notice(
        410,
        _("This link has ended"),
        _("The clinic can send you a new one."),
        support(clinic),
        clinic=clinic.name,
        logo=clinic.logo,
    )


def support(clinic: ClinicRow) -> str:
    return support_text(clinic.name, clinic.email, clinic.phone)


def _texts(row: ProofRow, kind: ProofKind, now: datetime) -> tuple[str, ...]:
    """A title and paragraphs."""
    if kind == "replaced":
        return _("There is a newer link"), _("The clinic has sent you a new link. Please use the newest message.")
    if kind == "closed":
        closed = _("For your safety this link is closed for good. The clinic can send you a new link.")
        return _("Too many tries"), closed
    if kind == "locked":
        minutes = max(1, -(-_left(row, now) // timedelta(minutes=1)))
        until = moment_text(row.tries.unlocks_at or now, row.clinic.timezone)
        return _("Too many tries"), locked_text(minutes, until)
    return _("Please call the clinic"), _("We know too little to be sure that it is you who reads this.")


def _left(row: ProofRow, now: datetime) -> timedelta:
    return (row.tries.unlocks_at or now) - now
