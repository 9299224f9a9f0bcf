"""What patients may be looked up by, and the answers."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from carelane.kit.emails import mailbox_of
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import record_id
from carelane.kit.names import fold_name
from carelane.kit.phi import Phi
from carelane.kit.phones import digits_of
from carelane.patients.billing.schemas import PatientRowOut
from carelane.patients.schemas import parse_date
from carelane.web.paging import Direction

SortBy = Literal[
    "created_date",
    "name",
    "first_name",
    "last_name",
    "email",
    "date_of_birth",
    "external_id",
    "appointment_count",
    "total_spent",
]
Flags = list[Literal["true", "false"]]
Span = tuple[datetime | None, datetime | None]

MAX_IDS = 10_000
MAX_NAMED = 100
SEARCHED, MAX_SEARCHED = 10, 100
MAX_SEARCH_WORDS = 5
_AMERICAN_DATE = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})", re.ASCII)


class PatientFilters(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Which patients; None: whatever it is."""

    id: UUID | None = None
    external_id: str | None = None
    name: str | None = None
    email: str | None = None
    phone_number: str | None = None
    born_from: date | None = None
    born_until: date | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    tag_ids: list[UUID] | None = None
    location_ids: list[UUID] | None = None
    lead_sources: list[str] | None = None
    is_blacklisted: bool | None = None
    # For filters that no patient can fit: opt-outs of text messages are not kept, so nobody has one.
    matches_nobody: bool = False
    sort_by: SortBy = "created_date"
    direction: Direction = "desc"


class PatientsOut(Phi, msgspec.Struct, frozen=True):
    """`Page_PatientTable_`: a page, and how many there are in all."""

    data: list[PatientRowOut]
    total: int


class Words(Phi, msgspec.Struct, frozen=True):
    """What the caller typed, as it was sent."""

    id: str | None
    external_id: str | None
    name: str | None
    email: str | None
    phone_number: str | None


class Choices(msgspec.Struct, frozen=True):
    """What the caller chose from, as it was sent."""

    location_id: str | None
    location_ids: list[str] | None
    tag_ids: list[str] | None
    lead_sources: list[str] | None
    on_scheduling_blacklist: Flags | None
    opted_out_of_sms: Flags | None


class Dates(Phi, msgspec.Struct, frozen=True):
    """Dates as they were sent."""

    date_of_birth: list[str] | None
    created_date: list[datetime] | None
    tz: str | None


def read_filters(
    organization_id: UUID, words: Words, choices: Choices, dates: Dates, order: tuple[SortBy | None, Direction | None]
) -> PatientFilters:
    """Raises InvalidRequestError with all that is wrong."""
    problems: list[FieldProblem] = []
    born_from, born_until = _birth_span(dates.date_of_birth, problems)
    created_from, created_before = _created_span(dates.created_date, dates.tz, problems)
    if problems:
        raise InvalidRequestError(problems=problems)
    digits = digits_of(words.phone_number or "")
    locations = [choices.location_id] if choices.location_id else choices.location_ids
    sort_by, direction = order
    return PatientFilters(
        id=record_id(organization_id, words.id) if words.id else None,
        external_id=words.external_id or None,
        # Nothing but signs is looked for as it is.
        name=fold_name(words.name or "") or words.name or None,
        email=mailbox_of(words.email) if words.email else None,
        phone_number=digits or None,
        born_from=born_from,
        born_until=born_until,
        created_from=created_from,
        created_before=created_before,
        tag_ids=[record_id(organization_id, tag) for tag in choices.tag_ids] if choices.tag_ids else None,
        location_ids=[record_id(organization_id, location) for location in locations] if locations else None,
        lead_sources=choices.lead_sources or None,
        is_blacklisted=_flag(choices.on_scheduling_blacklist),
        # A phone number without a digit matches none.
        matches_nobody=_flag(choices.opted_out_of_sms) or bool((words.phone_number or "").strip() and not digits),
        sort_by=sort_by or "created_date",
        direction=direction or ("desc" if sort_by in {None, "created_date"} else "asc"),
    )


def _birth_span(texts: list[str] | None, problems: list[FieldProblem]) -> tuple[date | None, date | None]:
    """One day, or the first and the last; of a moment, its date."""
    days = [parse_date(text[:10]) if text[10:11] in {"", "T", " "} else None for text in texts or []]
    if None in days:
        problems.append(FieldProblem("date_of_birth", "expected dates as YYYY-MM-DD", "query"))
    return (days[0], days[-1]) if days else (None, None)


def _created_span(moments: list[datetime] | None, zone_name: str | None, problems: list[FieldProblem]) -> Span:
    """From the first moment on, and until the second. Without an offset they are of the zone."""
    try:
        zone = ZoneInfo(zone_name) if zone_name else UTC
        aware = [(moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC) for moment in moments or []]
        # The last moment counts whole, to the microsecond that rows are kept in.
        return (aware[0] if aware else None, aware[1] + timedelta(microseconds=1) if len(aware) > 1 else None)
    except OverflowError:
        problems.append(FieldProblem("created_date", "expected years from 1 to 9999", "query"))
    except (KeyError, ValueError, OSError):
        problems.append(FieldProblem("tz", "expected a time zone such as America/New_York", "query"))
    return (None, None)


def _flag(texts: Flags | None) -> bool | None:
    """Both values, or none, do not choose."""
    return texts[0] == "true" if texts and len(set(texts)) == 1 else None


def birth_date_in(word: str) -> str | None:
    """The date that a searched word spells as Americans write it, as dates are kept: `5/15/1990` is 1990-05-15."""
    spelled = _AMERICAN_DATE.fullmatch(word)
    born = parse_date(f"{spelled[3]}-{spelled[1]:0>2}-{spelled[2]:0>2}") if spelled else None
    return born.isoformat() if born else None
