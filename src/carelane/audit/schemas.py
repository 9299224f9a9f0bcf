"""The audit on the wire, and what it may be asked for."""

from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

from carelane.event_names import EventType
from carelane.kit import clock
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import least_id_at, parse_uuid
from carelane.permissions import Role
from carelane.web.periods import Period, days_before, read_day, read_days

ActorKind = Literal["key", "client", "staff", "patient", "system"]
What = Literal["ACT", "READ"]

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
# Days of one export, and of one that does not say which.
MAX_EXPORT_DAYS = 366
USUAL_EXPORT_DAYS = 31
SYSTEM = "system"
READ = "READ"
_MAX_REF_CHARACTERS = 128
_ACTS: frozenset[str] = frozenset(get_args(EventType))
# No id is below the one or above the other.
_LEAST, _MOST = UUID(int=0), UUID(int=(1 << 128) - 1)


class EntryOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One act or one read. `act` is the name of the event, READ of a read. `record` is what it was done to: its kind and id, of an
    act the target; `reason` is there for reads. Values that could tell of somebody's health are left out."""

    id: UUID
    at: datetime
    what: What
    act: str
    actor_kind: ActorKind
    actor_id: UUID | None
    actor_name: str | None
    actor_role: Role | None
    record_kind: str | None
    record_id: UUID | None
    case_id: UUID | None
    case_short_id: str | None
    reason: str | None
    value_before: str | None
    value_after: str | None
    is_test: bool
    request_id: str | None


class AuditOut(msgspec.Struct, frozen=True, kw_only=True):
    """The newest first. `next` is what to send as `after` for the page behind this one; null on the last. A page may hold fewer than
    were asked for, or none, and still have a next one: when much had to be looked through."""

    entries: list[EntryOut]
    next: UUID | None


class ActorOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Somebody who can act: a member of staff, a key or a client."""

    id: UUID
    kind: ActorKind
    name: str
    role: Role | None
    is_active: bool


class AuditFilters(msgspec.Struct, frozen=True, kw_only=True):
    """From the id `since` to just before `before`. `actor_id` counts where `is_of_actor`; None is the system then."""

    since: UUID = _LEAST
    before: UUID = _MOST
    is_of_actor: bool = False
    actor_id: UUID | None = None
    act: str | None = None
    record_ids: list[UUID] | None = None

    @property
    def wants_acts(self) -> bool:
        return self.act != READ

    @property
    def wants_reads(self) -> bool:
        return self.act in {None, READ}


class AuditQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The query as it was sent."""

    actor: str | None = None
    record: str | None = None
    act: str | None = None
    first: str | None = None
    last: str | None = None
    timezone: str | None = None
    after: str | None = None
    limit: int = PAGE_SIZE

    def filters(self) -> AuditFilters:
        """All but the record, which is looked for. Raises InvalidRequestError with everything that is wrong."""
        problems = []
        actor_id = parse_uuid(self.actor) if self.actor and self.actor != SYSTEM else None
        if self.actor and self.actor != SYSTEM and actor_id is None:
            problems.append(FieldProblem("actor", f"expected a UUID, or `{SYSTEM}`", "query"))
        if self.act and self.act != READ and self.act not in _ACTS:
            problems.append(FieldProblem("act", f"expected the name of an event, or {READ}", "query"))
        if self.record and len(self.record) > _MAX_REF_CHARACTERS:
            problems.append(FieldProblem("record", "expected an id", "query"))
        before = _id_of(self.after, "after", problems)
        period = self._period(problems)
        if problems or period is None:
            raise InvalidRequestError(problems=problems)
        since, until = least_id_at(period.begins_at), least_id_at(period.ends_at)
        return AuditFilters(
            since=since if self.first else _LEAST,
            before=min(before or _MOST, until if self.last else _MOST),
            is_of_actor=bool(self.actor),
            actor_id=actor_id,
            act=self.act or None,
        )

    def for_export(self) -> "AuditQuery":
        """With both days: an export is of some days."""
        today = clock.now().date()
        last = self.last or today.isoformat()
        day = read_day("to", last, [])
        first = self.first or (days_before(day, USUAL_EXPORT_DAYS - 1).isoformat() if day else None)
        return msgspec.structs.replace(self, first=first, last=last, after=None)

    def _period(self, problems: list[FieldProblem]) -> Period | None:
        first, last = read_day("from", self.first, problems), read_day("to", self.last, problems)
        if problems:
            return None
        end = last or max(first or date.min, clock.now().date())
        begin = first or end
        most = MAX_EXPORT_DAYS if first and last else date.max.toordinal()
        return read_days(begin, end, self.timezone or "UTC", most, ("from", "to"))


def _id_of(text: str | None, name: str, problems: list[FieldProblem]) -> UUID | None:
    found = parse_uuid(text) if text else None
    if text and found is None:
        problems.append(FieldProblem(name, "expected `next` of the page before", "query"))
    return found
