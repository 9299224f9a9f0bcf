"""What staff send about a case, and how a case stands afterwards."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.cases.review.queries import Person, Standing
from carelane.cases.review.states import Act, possible_acts
from carelane.cases.states import CaseStatus, RequestStatus
from carelane.kit.phi import Phi
from carelane.staff.schemas import BasicUserOut

MAX_TEXT_CHARACTERS = 10_000

# The dialect's own words for why a case is closed.
ArchiveReason = Literal["COMPLETE", "INELIGIBLE", "APPROVED", "DENIED", "RESOLVED"]
# At least one character that is no white space.
Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARACTERS, pattern=r"\S")]


class AssignIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`insteadOf` names who has the case in the caller's eyes, and is left out when nobody has it.

    So nobody takes away, unknowingly, what somebody else was given a moment ago.
    """

    staff_id: UUID
    instead_of: UUID | None = None


class CommentIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A restricted comment is a note: staff alone see it."""

    text: Text
    is_restricted: bool


class AskIn(Phi, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question to the patient."""

    text: Text


class ArchiveCaseIn(Phi, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: ArchiveReason
    note: Text | None = None


class EscalateIn(Phi, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`text` becomes a note."""

    text: Text | None = None


class StandingRequestOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    product_id: UUID
    name: str
    status: RequestStatus


class StandingOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """How a case stands, and what may be done with it next."""

    id: UUID
    short_id: str
    status: CaseStatus
    is_archived: bool
    is_escalated: bool
    waits_since: datetime
    asked_patient_at: datetime | None
    assigned_to: BasicUserOut | None
    in_progress_by: BasicUserOut | None
    requests: list[StandingRequestOut]
    possible_acts: list[Act]


def standing_out(case: Standing) -> StandingOut:
    return StandingOut(
        id=case.id,
        short_id=case.short_id,
        status=case.status,
        is_archived=case.is_archived,
        is_escalated=case.is_escalated,
        waits_since=case.waits_since,
        asked_patient_at=case.asked_patient_at,
        assigned_to=_person(case.assigned_to),
        in_progress_by=_person(case.in_progress_by),
        requests=[
            StandingRequestOut(product_id=request.product_id, name=request.name, status=request.status)
            for request in case.requests
        ],
        possible_acts=possible_acts(case.status, is_archived=case.is_archived, is_escalated=case.is_escalated),
    )


def _person(person: Person | None) -> BasicUserOut | None:
    return None if person is None else BasicUserOut(person.id, person.first_name, person.last_name)
