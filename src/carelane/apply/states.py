"""Whether the file may write a field. No I/O.

Three values decide: what was last applied, what stands now, and what the file says.

    applied  stands  file
       -       a      b     write      nothing is remembered: on a first apply the file wins
       a       b      b     same
       a       a      b     write      the file changed
       a       b      a     keep       it was changed elsewhere, and the file has nothing new to say
       a       b      c     conflict   both changed: nothing of the file is applied

With `--overwrite` the file is written in the last two cases as well.

Of a record that is remembered without a field the field is newer than that apply: it was applied as it is by default.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeVar
from uuid import UUID, uuid5

import msgspec
from msgspec import UNSET

from carelane.apply.queries import AppliedRecord, Fields
from carelane.apply.views import Action, Change, Difference, fields_of, key_of, show_both
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import DataKey

Verdict = Literal["same", "write", "keep", "conflict"]

RowT = TypeVar("RowT", bound=Any)

# What is found again by another field than its name.
IDENTIFIED_BY = {
    "staff": "email",
    "availability": "email",
    "promo code": "code",
    "pharmacy": "code",
    "drug": "code",
    "branding": "link_name",
}
# The place that digests of secrets are bound to.
_DIGESTS = "applied_records.fields"


def judge(applied: Any, stands: Any, wanted: Any) -> Verdict:
    """`applied` is UNSET when nothing is remembered."""
    if stands == wanted:
        return "same"
    if applied is UNSET or stands == applied:
        return "write"
    return "keep" if wanted == applied else "conflict"


def defaults_of(entry: type[msgspec.Struct]) -> Fields:
    """What the fields of an entry are that a file leaves out, by the names that the file has for them."""
    found: Fields = {}
    for field in msgspec.structs.fields(entry):
        if field.default is not msgspec.NODEFAULT:
            found[field.encode_name] = field.default
        elif field.default_factory is not msgspec.NODEFAULT:
            found[field.encode_name] = field.default_factory()
    return found


def secret_digest(data_key: DataKey, secret: bytes) -> str:
    """What is remembered and compared of a secret."""
    return data_key.digest(secret, _DIGESTS).hex()


def derived_id(organization_id: UUID, what: str, name: str) -> UUID:
    """The same wherever the same file is applied."""
    return uuid5(organization_id, f"{what}:{name}")


class Merged(msgspec.Struct, frozen=True):
    """What an entry comes to: what the file says of it, which of these fields stay as they stand, and how that reads."""

    fields: Fields
    kept: frozenset[str]
    change: Change


class Comparison:
    """The file of one organization beside what stands and what was last applied."""

    def __init__(self, organization_id: UUID, applied: Iterable[AppliedRecord], *, overwrites: bool) -> None:
        self._organization_id = organization_id
        self._applied = {(record.kind, record.record_id): record.fields for record in applied}
        self.overwrites = overwrites
        self.to_remember: list[AppliedRecord] = []
        self.conflicts: list[FieldProblem] = []
        # Of the records that others name by their ids.
        self.names: dict[str, str] = {}

    def candidates(self, what: str, entries: Iterable[Any]) -> tuple[set[UUID], list[str]]:
        """Where to look for the entries' records: the ids that may be theirs, and what they are called."""
        names = [_identity(what, entry) for entry in entries]
        applied = self._applied_names(what)
        given = {entry.id for entry in entries if getattr(entry, "id", None)}
        derived = {self.derived(what, name) for name in names}
        return given | derived | {applied[name] for name in names if name in applied}, names

    def ids_of(self, what: str, entries: Iterable[Any], there: Mapping[UUID, Any]) -> dict[str, UUID]:
        """The id of each entry's record, by what the entry calls it.

        That is the given one; the one that was applied by this name, however it is called by now; the one that is called so,
        of several the one that a file made, else the oldest; or a derived one.
        """
        applied = self._applied_names(what)
        called: dict[str, list[UUID]] = {}
        for record_id, row in there.items():
            called.setdefault(_identity(what, row), []).append(record_id)
        ids: dict[str, UUID] = {}
        for entry in entries:
            name = _identity(what, entry)
            derived = self.derived(what, name)
            so_called = called.get(name, [])
            known = so_called[0] if so_called and derived not in so_called else derived
            ids[name] = getattr(entry, "id", None) or applied.get(name) or known
        self.names |= {str(record_id): name for name, record_id in ids.items()}
        return ids

    def derived(self, what: str, name: str) -> UUID:
        return derived_id(self._organization_id, what, name)

    def _applied_names(self, what: str) -> dict[str, UUID]:
        return {
            _identity(what, fields): record_id for (kind, record_id), fields in self._applied.items() if kind == what
        }

    def find_applied(self, what: str, record_id: UUID) -> Fields:
        """Empty when nothing was."""
        return self._applied.get((what, record_id), {})

    def merge(
        self,
        what: str,
        name: str,
        record_id: UUID,
        wanted: Fields,
        stands: Fields | None,
        defaults: Fields | None = None,
    ) -> Merged:
        """`stands` None: there is no such record yet. `defaults`: of fields that may be newer than the last apply."""
        if stands is None:
            return Merged(wanted, frozenset(), Change(action="create", what=what, name=name))
        applied = self.find_applied(what, record_id)
        applied = (defaults or {}) | applied if applied else applied
        verdicts = {
            field: judge(applied.get(field, UNSET), stands.get(field), value) for field, value in wanted.items()
        }
        elsewhere = [
            Difference(field, *show_both(field, stands.get(field), wanted[field], self.names))
            for field, verdict in verdicts.items()
            if verdict in {"keep", "conflict"}
        ]
        if self.overwrites:
            action: Action = "unchanged" if set(verdicts.values()) <= {"same"} else "update"
            return Merged(wanted, frozenset(), Change(action=action, what=what, name=name, overwritten=elsewhere))
        for each in elsewhere:
            if verdicts[each.field] == "conflict":
                self.refuse(what, name, each)
        action = "update" if "write" in verdicts.values() else "unchanged"
        kept = frozenset(each.field for each in elsewhere)
        return Merged(wanted, kept, Change(action=action, what=what, name=name, kept=elsewhere))

    def merge_row(
        self,
        what: str,
        wanted: RowT,
        there: RowT | None,
        secrets: tuple[Fields, Fields] = ({}, {}),
        defaults: Fields | None = None,
    ) -> tuple[RowT, Merged]:
        """The row to be saved. `secrets` are further fields: as the file says them, and as they stand."""
        says, stand = secrets
        stands = None if there is None else fields_of(what, there) | stand
        name = getattr(wanted, IDENTIFIED_BY.get(what, "name"))
        merged = self.merge(what, name, wanted.id, fields_of(what, wanted) | says, stands, defaults)
        columns = [column for column in wanted.__struct_fields__ if key_of(what, column) in merged.kept]
        return msgspec.structs.replace(wanted, **{column: getattr(there, column) for column in columns}), merged

    def merge_rows(
        self, what: str, wanted: Iterable[RowT], there: Mapping[UUID, RowT], defaults: Fields | None = None
    ) -> tuple[list[RowT], list[Change]]:
        """The rows to be saved, without secrets; what is to be remembered of them is noted."""
        rows, changes = [], []
        for row in wanted:
            merged_row, merged = self.merge_row(what, row, there.get(row.id), defaults=defaults)
            self.remember(what, row.id, merged.fields)
            rows.append(merged_row)
            changes.append(merged.change)
        return rows, changes

    def refuse(self, what: str, name: str, difference: Difference) -> None:
        """Both the file and somebody else changed it, each in a way that contradicts the other."""
        problem = FieldProblem(
            f"{what} {name}: {difference.field}",
            f"was changed elsewhere since the last apply: {difference.stands} here, {difference.wanted} in the file",
        )
        if problem not in self.conflicts:
            self.conflicts.append(problem)

    def remember(self, what: str, record_id: UUID, fields: Fields) -> None:
        self.to_remember.append(AppliedRecord(kind=what, record_id=record_id, fields=fields))


def _identity(what: str, named: Any) -> str:
    """What an entry, a row or what was applied is found again by, beside its id."""
    member = IDENTIFIED_BY.get(what, "name")
    name: str = named[member] if isinstance(named, dict) else getattr(named, member)
    return name.lower() if what in {"staff", "promo code"} else name
