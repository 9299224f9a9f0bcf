"""The queue on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from carelane.cases.review.schemas import StandingRequestOut
from carelane.cases.states import CaseStatus
from carelane.kit.phi import Phi
from carelane.staff.schemas import BasicUserOut

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200

# What is looked at unless the caller names states.
WAITING: tuple[CaseStatus, ...] = ("OPEN", "ASSIGNED", "IN_PROGRESS")


class QueuePatientOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    first_name: str
    last_name: str
    state: str | None


class QueueEntryOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    short_id: str
    title: str
    status: CaseStatus
    patient: QueuePatientOut
    assigned_to: BasicUserOut | None
    created_at: datetime
    waits_since: datetime
    asked_patient_at: datetime | None
    is_escalated: bool
    is_archived: bool
    is_test: bool
    requests: list[StandingRequestOut]


class QueueOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`next` is the `after` of the next page, or null on the last."""

    cases: list[QueueEntryOut]
    next: UUID | None


class QueueFilters(msgspec.Struct, frozen=True, kw_only=True):
    """None: not asked for. `assigned_to` "none": cases that nobody has."""

    statuses: tuple[CaseStatus, ...] = WAITING
    is_archived: bool = False
    assigned_to: UUID | Literal["none"] | None = None
    is_escalated: bool | None = None
    awaiting_patient: bool | None = None
    state: str | None = None
    short_id: str | None = None
    after: UUID | None = None
    limit: int = PAGE_SIZE
