"""GET /api/v1/cases on the wire."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

import msgspec

from carelane.case_detail.queries import Parts
from carelane.case_detail.schemas import CaseDetailOut
from carelane.cases.states import CaseStatus
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import Phi
from carelane.web.wire import boolean_string

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
MAX_DAYS = 60

_STATUSES: tuple[CaseStatus, ...] = get_args(CaseStatus)
_FORMATS = ("base64", "url")
_MAX_MOMENT_CHARACTERS = 40
_MOMENT = "expected ISO 8601 such as 2024-01-01T00:00:00Z"


class CasesWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Cases created from `start` on and before `end`; `statuses` None: of every status."""

    start: datetime
    end: datetime
    statuses: list[CaseStatus] | None
    after: UUID | None
    limit: int
    document_format: str | None
    parts: Parts


class CasesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The query as it was sent."""

    start_time: str | None
    end_time: str | None
    status: str | None
    records_per_page: str | None
    after: str | None
    include_attachments: str | None
    include_orders: str | None
    include_calendar_events: str | None
    document_format: str | None

    def wanted(self) -> CasesWanted:
        """Raises InvalidRequestError with every wrong parameter."""
        start, end = _moment(self.start_time), _moment(self.end_time)
        problems = [*self._time_problems(start, end), *self._problems()]
        if problems or start is None or end is None:
            raise InvalidRequestError(
                problems=[msgspec.structs.replace(problem, where="query") for problem in problems]
            )
        return CasesWanted(
            start=start,
            end=end,
            statuses=[one for one in _STATUSES if one in self._statuses] or None,
            after=parse_uuid(self.after) if self.after else None,
            limit=int(self.records_per_page or PAGE_SIZE),
            document_format=self.document_format,
            parts=Parts(
                attachments=self.include_attachments == "true",
                orders=self.include_orders == "true",
                calendar_events=self.include_calendar_events == "true",
                case_products=True,
            ),
        )

    @property
    def _statuses(self) -> list[str]:
        return [word.strip().upper() for word in (self.status or "").split(",") if word.strip()]

    def _time_problems(self, start: datetime | None, end: datetime | None) -> Iterator[FieldProblem]:
        for name, text, moment in (("startTime", self.start_time, start), ("endTime", self.end_time, end)):
            if not text:
                yield FieldProblem(name, f"{name} is required")
            elif moment is None:
                yield FieldProblem(name, _MOMENT)
        if start is not None and end is not None and end <= start:
            yield FieldProblem("endTime", "expected a time later than startTime")
        elif start is not None and end is not None and end - start > timedelta(days=MAX_DAYS):
            yield FieldProblem("endTime", f"expected a time at most {MAX_DAYS} days after startTime")

    def _problems(self) -> Iterator[FieldProblem]:
        if any(word not in _STATUSES for word in self._statuses):
            yield FieldProblem("status", f"expected some of {', '.join(_STATUSES)}, separated by commas")
        text = self.records_per_page or str(PAGE_SIZE)
        if not (
            text.isascii()
            and text.isdigit()
            and len(text) <= len(str(MAX_PAGE_SIZE))
            and 1 <= int(text) <= MAX_PAGE_SIZE
        ):
            yield FieldProblem("recordsPerPage", f"expected a whole number from 1 to {MAX_PAGE_SIZE}")
        if self.after and parse_uuid(self.after) is None:
            yield FieldProblem("after", "expected cursor.end of the page before")
        for name, sent in (
            ("includeAttachments", self.include_attachments),
            ("includeOrders", self.include_orders),
            ("includeCalendarEvents", self.include_calendar_events),
        ):
            try:
                boolean_string(name, sent)
            except InvalidRequestError as error:
                yield from error.problems
        if self.document_format not in (None, *_FORMATS):
            yield FieldProblem("documentFormat", "expected `base64` or `url`")
        elif self.document_format is None and self.include_attachments == "true":
            yield FieldProblem("documentFormat", "documentFormat is required with includeAttachments")


def _moment(text: str | None) -> datetime | None:
    """A plus that was not escaped has become a blank. Without an offset, the time is UTC."""
    if not text or len(text) > _MAX_MOMENT_CHARACTERS:
        return None
    head, blank, offset = text.strip().rpartition(" ")
    try:
        moment = datetime.fromisoformat(f"{head}+{offset}" if blank and "T" in head else text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class CursorOut(msgspec.Struct, frozen=True):
    """The ids of the first and the last case of the page; null on an empty one."""

    start: UUID | None
    end: UUID | None


class PageInfoOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    cursor: CursorOut
    has_next_page: bool
    has_previous_page: bool


class CasesOut(Phi, msgspec.Struct, rename="camel", kw_only=True):
    """The oldest case first."""

    status: int = 200
    success: bool = True
    page_info: PageInfoOut
    cases: list[CaseDetailOut]
