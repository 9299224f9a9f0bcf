"""What was changed elsewhere, and what a file would change, on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.apply.reading import MAX_FILE_BYTES
from carelane.apply.views import Action


class ChangedFieldOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """As JSON, shortened where it is long; a secret is `***`."""

    field: str
    applied: str
    stands: str


class ChangedRecordOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`name` is what the file calls it. `isGone`: it is no more, and the file would make it again."""

    what: str
    name: str
    id: UUID
    is_gone: bool
    fields: list[ChangedFieldOut]


class ChangedElsewhereOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`lastAppliedAt` is null where no file was ever applied."""

    last_applied_at: datetime | None
    records: list[ChangedRecordOut]


class FileCheckIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`file` is an organization file, in YAML."""

    file: Annotated[str, Meta(min_length=1, max_length=MAX_FILE_BYTES)]

    def __repr__(self) -> str:
        return "FileCheckIn(***)"


class FileDifferenceOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A field that was changed here since the last apply; `wanted` is the file's. `KEPT` stays, `CONFLICT` stops the apply."""

    field: str
    stands: str
    wanted: str
    what: Literal["KEPT", "CONFLICT"]


class FileChangeOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What would be done with one entry of the file."""

    action: Action
    what: str
    name: str
    differences: list[FileDifferenceOut]
    notes: list[str]


class FileCheckOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`canApply` false: there are conflicts, and nothing is applied unless with `--overwrite`."""

    can_apply: bool
    changes: list[FileChangeOut]
