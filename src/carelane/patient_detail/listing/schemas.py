"""The list of patients on the wire."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from carelane.cases.states import CaseStatus
from carelane.kit.phi import Phi


class ListedCaseOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    short_id: str
    status: CaseStatus
    is_archived: bool
    created_at: datetime


class ListedPatientOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`lastCase` is the newest one; null where there is none yet."""

    id: UUID
    first_name: str | None
    last_name: str | None
    date_of_birth: date | None
    email: str | None
    phone_number: str | None
    state: str | None
    created_at: datetime
    last_case: ListedCaseOut | None


class PatientPageOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The newest first, without those that were archived or merged. `next` is what to send as `after` for the page behind this
    one; null on the last."""

    patients: list[ListedPatientOut]
    next: UUID | None
