"""GET /api/staff/cases."""

from typing import Annotated, Literal, get_args
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane import events
from carelane.cases.review.queue import queries
from carelane.cases.review.queue.schemas import MAX_PAGE_SIZE, PAGE_SIZE, WAITING, QueueFilters, QueueOut
from carelane.cases.states import CaseStatus
from carelane.kit.auth import Actor
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.permissions import CASES_READ
from carelane.services import Services
from carelane.web.routes import ActorRequest
from carelane.web.wire import boolean_string

_BOOLEAN = "`true` or `false`"
_STATUSES: tuple[CaseStatus, ...] = get_args(CaseStatus)
_MAX_WORD_CHARACTERS = 50


@get("/cases", operation_id="listCases", summary="List cases: the queue", tags=["Staff: cases"])
async def list_cases(
    request: ActorRequest,
    services: NamedDependency[Services],
    status: Annotated[
        list[str] | None,
        QueryParameter(name="status", description=f"May be repeated; without it {', '.join(WAITING)}"),
    ] = None,
    assigned_to: Annotated[
        str | None, QueryParameter(name="assignedTo", description="UUID of a member of staff, `me` or `none`")
    ] = None,
    is_escalated: Annotated[str | None, QueryParameter(name="isEscalated", description=_BOOLEAN)] = None,
    is_archived: Annotated[
        str | None, QueryParameter(name="isArchived", description=f"{_BOOLEAN}; without it `false`")
    ] = None,
    awaiting_patient: Annotated[str | None, QueryParameter(name="awaitingPatient", description=_BOOLEAN)] = None,
    patient_state: Annotated[
        str | None, QueryParameter(name="state", description="The patient's state, such as CA")
    ] = None,
    q: Annotated[str | None, QueryParameter(name="q", description="How the short id begins")] = None,
    after: Annotated[str | None, QueryParameter(name="after", description="`next` of the page before")] = None,
    limit: Annotated[
        str | None, QueryParameter(name="limit", description=f"1 to {MAX_PAGE_SIZE}; without it {PAGE_SIZE}")
    ] = None,
) -> QueueOut:
    """The clinic's cases, oldest first: those that wait for the clinic, or what the filters say."""
    request.auth.require(CASES_READ)
    filters = QueueFilters(
        statuses=_statuses(status),
        is_archived=boolean_string("isArchived", is_archived) or False,
        assigned_to=_assignee(request.auth, assigned_to),
        is_escalated=boolean_string("isEscalated", is_escalated),
        awaiting_patient=boolean_string("awaitingPatient", awaiting_patient),
        state=_word("state", patient_state),
        short_id=_word("q", q),
        after=_case_id(after),
        limit=_limit(limit),
    )
    async with services.db.transaction(request.auth) as conn:
        # One more than is shown tells whether there is a next page.
        found = await queries.list_cases(conn, request.auth.organization_id, filters, filters.limit + 1)
        # The names and products on the page are health information: one line for the page, not one for each case.
        await events.record_read(conn, request.auth, "queue", request.auth.organization_id, "queue of cases")
    shown = found[: filters.limit]
    return QueueOut(cases=shown, next=shown[-1].id if len(found) > len(shown) else None)


def _refused(field: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError(problems=[FieldProblem(field, problem)])


def _statuses(texts: list[str] | None) -> tuple[CaseStatus, ...]:
    wanted: tuple[CaseStatus, ...] = tuple(status for status in _STATUSES if status in (texts or WAITING))
    if texts and not set(texts) <= set(_STATUSES):
        raise _refused("status", f"expected one of {', '.join(_STATUSES)}")
    return wanted


def _assignee(actor: Actor, text: str | None) -> UUID | Literal["none"] | None:
    if text is None:
        return None
    if text == "none":
        return "none"
    staff_id = actor.id if text == "me" else parse_uuid(text)
    if staff_id is None:
        raise _refused("assignedTo", "expected a UUID, `me` or `none`")
    return staff_id


def _word(field: str, text: str | None) -> str | None:
    if text is not None and ("\0" in text or not 0 < len(text) <= _MAX_WORD_CHARACTERS):
        raise _refused(field, f"expected 1 to {_MAX_WORD_CHARACTERS} characters")
    return text


def _case_id(text: str | None) -> UUID | None:
    case_id = parse_uuid(text) if text is not None else None
    if text is not None and case_id is None:
        raise _refused("after", "expected the `next` of the page before")
    return case_id


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE_SIZE
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_PAGE_SIZE):
        raise _refused("limit", f"expected a whole number from 1 to {MAX_PAGE_SIZE}")
    return int(text)
