"""What the page of a case shows."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from carelane.case_detail.chart.reads import MOST_ON_PAGE, CasePage
from carelane.case_detail.chart.schemas import HealthOut
from carelane.case_detail.schemas import CaseDetailRecord, OrderRecord, SubmitterOut
from carelane.case_detail.views import attachments_of
from carelane.cases.review.queries import CaseSummary
from carelane.cases.review.schemas import ArchiveReason
from carelane.console.cases import why
from carelane.console.cases.intake.views import intake
from carelane.console.cases.reads import Loaded
from carelane.console.cases.states import case_state, order_words, payment_state
from carelane.console.cases.timeline.views import lines
from carelane.console.times import age
from carelane.console.wording import plain_warning
from carelane.documents.schemas import AttachmentRecord
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.languages import N_, _
from carelane.kit.phi import Phi
from carelane.orders.states import OrderStatus, may_follow

# Of all messages on the page; what is older is a click away.
MOST_CHARACTERS = 20_000
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp")
_REPLACED = frozenset({"CANCELED", "REJECTED", "SHIPPED", "DELIVERED", "NEEDS_ATTENTION"})
_ARCHIVE_REASONS: tuple[tuple[ArchiveReason, str], ...] = (
    ("RESOLVED", N_("It is resolved")),
    ("COMPLETE", N_("All is done")),
    ("APPROVED", N_("It was approved, and is filed")),
    ("DENIED", N_("It was denied: nothing is sold")),
    ("INELIGIBLE", N_("The patient is not eligible: nothing is sold")),
)
SOON = timedelta(hours=1)
_GENDERS = {"MALE": N_("male"), "FEMALE": N_("female"), "OTHER": N_("other")}
_NONE_KNOWN = frozenset({"no", "none", "none known", "no known allergies", "nkda", "nka", "n/a", "never"})


class Said(Phi, msgspec.Struct, frozen=True, kw_only=True):
    side: Literal["ours", "theirs", "inside"]
    who: str
    at: datetime
    text: str


class File(Phi, msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    size: str
    at: datetime
    is_picture: bool
    is_restricted: bool


def case_page(loaded: Loaded, actor: Actor, *, is_whole: bool) -> dict[str, object]:
    page = loaded.page
    case, person = page.case, page.case.submitter
    return {
        "case": case,
        "warnings": [plain_warning(said) for said in case.warnings],
        "person": person,
        "about": list(_about(person)),
        "state": case_state(page.summary),
        "allergies": allergies(page.chart.health),
        "takes": _takes(page.chart.health),
        "hold": next((payment for payment in page.beside.payments if payment.hold_ends_at), None),
        "why": why.answer(page.summary, page.why, actor),
        "reasons": why.reasons(page.summary, page.why, actor),
        "chart": page.chart,
        "acts": set(page.why.possible_acts),
        "intake": intake(case, page.chart, is_whole=is_whole),
        "files": _files(case),
        "visits": case.calendar_events or [],
        "orders": list(_orders(case)),
        "payments": [(payment, payment_state(payment.status, payment.stage)) for payment in page.beside.payments],
        "summary": page.summary,
        "seen": page.timeline[0].number if page.timeline else 0,
        "archive_reasons": [(code, _(text)) for code, text in _ARCHIVE_REASONS],
        "due_at": _due_at(page.summary),
        "now": clock.now(),
        "soon": clock.now() + SOON,
        "is_cut": len(case.comments) + len(case.notes) >= MOST_ON_PAGE,
        "is_cut_files": len(case.attachments or []) >= MOST_ON_PAGE,
        "more_before": page.timeline[-1].number if len(page.timeline) >= MOST_ON_PAGE else None,
        "saved_at": {draft.form: draft.saved_at for draft in loaded.drafts},
        "is_whole": is_whole,
        **talk(page, actor, is_whole=is_whole),
        **loaded.added,
    }


def talk(page: CasePage, actor: Actor, *, is_whole: bool) -> dict[str, object]:
    """Messages and timeline: what is asked for again while the page is open."""
    said = _said(page.case, actor)
    shown = said if is_whole else _newest(said)
    return {
        "case": page.case,
        "said": shown,
        "said_before": len(said) - len(shown),
        "lines": lines(page.timeline, actor),
    }


def _orders(case: CaseDetailRecord) -> Iterator[tuple[OrderRecord, str, bool, bool]]:
    """Each with its state in words, and whether it may be canceled, and replaced; whether it was replaced is said when it is tried."""
    for order in case.orders or []:
        status: OrderStatus = order.status  # type: ignore[assignment]
        yield order, order_words(status), may_follow(status, "CANCELED"), status in _REPLACED


def _due_at(case: CaseSummary) -> datetime | None:
    """When an answer was promised by, while one is waited for."""
    is_waiting = case.status in {"OPEN", "ASSIGNED", "IN_PROGRESS", "NO_DECISION"} and case.held is None
    return case.due_at if is_waiting and not case.is_archived and case.asked_patient_at is None else None


def _about(person: SubmitterOut) -> Iterator[object]:
    """`46 y`, `female`, the birthday, the state."""
    if person.dob is not None:
        yield age(person.dob)
    if person.gender:
        yield _(_GENDERS[person.gender]) if person.gender in _GENDERS else person.gender.lower()
    if person.dob is not None:
        yield person.dob
    if person.state:
        yield person.state


def allergies(health: HealthOut) -> tuple[str, str]:
    """The kind and the text. That nobody asked is said: it must not read as "none"."""
    known = [text for text in (health.allergies, health.allergies_answered) if text]
    text = "; ".join(dict.fromkeys(known))
    if not text:
        return "warn", _("Nothing is known: nobody was asked")
    is_none = all(part.strip().rstrip(".").lower() in _NONE_KNOWN for part in text.split(";"))
    return ("", _("None known")) if is_none else ("problem", text)


def _takes(health: HealthOut) -> str:
    known = [text for text in (health.medications, health.medications_answered) if text]
    return "; ".join(dict.fromkeys(known))


# ---- messages


def _said(case: CaseDetailRecord, actor: Actor) -> list[Said]:
    """Messages and notes, the oldest first."""
    everything = sorted((*case.comments, *case.notes), key=lambda comment: (comment.created_at, comment.id))
    found = []
    for comment in everything:
        author = comment.author
        is_patient = author is None or author.id in {case.submitter.id, comment.id}
        name = case.submitter.first_name if author is None else f"{author.first_name} {author.last_name}".strip()
        found.append(
            Said(
                side="inside" if comment.is_restricted else "theirs" if is_patient else "ours",
                who=_("You") if author is not None and author.id == actor.id else name,
                at=comment.created_at,
                text=comment.text,
            )
        )
    return found


def _newest(said: list[Said]) -> list[Said]:
    """As many as fit; one at least."""
    left, count = MOST_CHARACTERS, 0
    for one in reversed(said):
        left -= len(one.text) + 200
        if left < 0 and count:
            break
        count += 1
    return said[len(said) - count :]


# ---- files


def _files(case: CaseDetailRecord) -> list[File]:
    """Those that were not deleted, the newest first, of messages too."""
    found = [attachment for attachment in attachments_of(case) if not attachment.is_deleted]
    return [_file(attachment) for attachment in sorted(found, key=lambda file: file.created_at, reverse=True)]


def _file(attachment: AttachmentRecord) -> File:
    return File(
        id=str(attachment.id),
        name=attachment.file_name,
        size=size_words(int(attachment.size_bytes or 0)),
        at=attachment.created_at,
        is_picture=attachment.file_name.lower().endswith(_PICTURES),
        is_restricted=attachment.is_restricted,
    )


def size_words(size_bytes: int) -> str:
    """`412 kB`, `1.1 MB`"""
    if size_bytes >= 1_000_000:
        return f"{size_bytes / 1_000_000:.1f} MB"
    return f"{max(1, round(size_bytes / 1_000))} kB"
