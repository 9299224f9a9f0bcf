"""Who may see a patient, on the wire."""

from datetime import datetime
from uuid import UUID

import msgspec

from carelane.audit.schemas import ActorKind
from carelane.kit.phi import Phi
from carelane.permissions import (
    AUDIT_READ,
    BILLING_READ,
    CASES_READ,
    PATIENTS_READ,
    PORTAL_SERVE,
    Role,
)

# What opens something of a patient, the most first.
OPENING = (CASES_READ, PATIENTS_READ, BILLING_READ, PORTAL_SERVE, AUDIT_READ)


class ReaderRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody, with what the record says of their looks."""

    id: UUID
    kind: ActorKind
    name: str
    first_name: str | None
    last_name: str | None
    role: Role | None
    scopes: list[str]
    is_active: bool
    times: int
    last_at: datetime | None


class ReaderOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A member of staff, a key or a client. `opensBy`: the permissions that open something of the patient; none: whoever has looked, and
    may no longer. `times` and `lastAt`: how often they looked; of each record the last thousand looks are counted."""

    id: UUID
    kind: ActorKind
    name: str
    first_name: str | None
    last_name: str | None
    role: Role | None
    is_active: bool
    opens_by: list[str]
    times: int
    last_at: datetime | None


class ReadersOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Who may, and who has though they may no longer; members first. `cannot`: roles that open nothing."""

    patient_id: UUID
    first_name: str | None
    last_name: str | None
    readers: list[ReaderOut]
    cannot: list[Role]
    is_cut: bool
