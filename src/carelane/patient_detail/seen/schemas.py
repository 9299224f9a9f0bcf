"""Who saw a record, on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from carelane.permissions import Role

ActorKind = Literal["key", "client", "staff", "patient", "system"]
RecordKind = Literal["patient", "case", "cart", "quote", "charge", "payment", "attachment", "appointment"]


class SightOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One time that somebody saw something of the patient's. `name`: a member's, or that of a key or client; null for the patient
    and for us. `role` is a member's. `caseShortId`: of which case, if it was of one."""

    id: UUID
    at: datetime
    actor_kind: ActorKind
    actor_id: UUID | None
    name: str | None
    first_name: str | None
    last_name: str | None
    role: Role | None
    record_kind: RecordKind
    case_short_id: str | None
    reason: str


class SummaryOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Of the last 180 days; `isAtLeast`: there are more than were counted."""

    times: int
    people: int
    programs: int
    is_at_least: bool


class SightsOut(msgspec.Struct, frozen=True, kw_only=True):
    """The newest first. `next` is what to send as `after` for the page behind this one; null on the last."""

    summary: SummaryOut
    sights: list[SightOut]
    next: UUID | None
