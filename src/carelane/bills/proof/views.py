"""The pages before the one that was asked for: who are you, and why not."""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from carelane.bills.proof.access import ProofKind, known_of
from carelane.bills.proof.queries import ProofRow
from carelane.bills.receipts.queries import ClinicRow
from carelane.kit import clock
from carelane.kit.formatting import moment_text
from carelane.quotes.page.views import IdentityForm
from carelane.web.html.pages import PATIENT_STYLES, PageContent, Pages, notice

PAGES = Pages(Path(__file__).parent / "templates", PATIENT_STYLES)
_STATUSES: dict[ProofKind, int] = {"replaced": 410, "ended": 410, "closed": 403, "locked": 429}


def identity_page(path: str, row: ProofRow, what: str, message: str = "") -> PageContent:
    """The form by which readers show who they are. `what`: what is shown then, such as `your bill`."""
    known = known_of(row)
    form = IdentityForm(known.asks_name, known.asks_birth, message)
    intro = f"Before we show {what}, please tell us what {row.clinic.name} has on file."
    values: dict[str, object] = {"intro": intro, "button": f"Show {what}", "form": form, "action": f"{path}/verify"}
    return PageContent("identity.html", values | {"clinic": row.clinic.name})


def closed_page(row: ProofRow, kind: ProofKind) -> PageContent:
    now = clock.now()
    title, *paragraphs = _texts(row, kind, now)
    content = notice(_STATUSES.get(kind, 200), title, *paragraphs, support(row.clinic), clinic=row.clinic.name)
    if kind != "locked":
        return content
    seconds = max(1, int(_left(row, now).total_seconds()))
    return msgspec.structs.replace(content, headers={"Retry-After": str(seconds)})


def ended_page(clinic: ClinicRow) -> PageContent:
    """Of a link that was good until a day."""
    return notice(410, "This link has ended", "The clinic can send you a new one.", support(clinic), clinic=clinic.name)


def support(clinic: ClinicRow) -> str:
    ways = [
        text
        for text in (f"write to {clinic.email}" if clinic.email else "", f"call {clinic.phone}" if clinic.phone else "")
        if text
    ]
    return f"If you have a question, {' or '.join(ways) or f'ask {clinic.name}'}."


def _texts(row: ProofRow, kind: ProofKind, now: datetime) -> tuple[str, ...]:
    """A title and paragraphs."""
    if kind == "replaced":
        return "There is a newer link", "The clinic has sent you a new link. Please use the newest message."
    if kind == "closed":
        return "Too many tries", "For your safety this link is closed for good. The clinic can send you a new link."
    if kind == "locked":
        minutes = max(1, -(-_left(row, now) // timedelta(minutes=1)))
        until = moment_text(row.tries.unlocks_at or now, row.clinic.timezone)
        more = f"{minutes} more minute{'' if minutes == 1 else 's'}"
        return "Too many tries", f"For your safety this page is closed for {more}, until {until}."
    return "Please call the clinic", "We know too little to be sure that it is you who reads this."


def _left(row: ProofRow, now: datetime) -> timedelta:
    return (row.tries.unlocks_at or now) - now
