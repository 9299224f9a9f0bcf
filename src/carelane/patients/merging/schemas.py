"""Merges on the wire."""

from datetime import datetime
from uuid import UUID

import msgspec

from carelane.kit.ids import RecordName


class MergeIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`otherId` is merged into the patient of the path."""

    other_id: RecordName


class MovedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """How many records followed. Orders follow their cases, and lines what they are part of."""

    cases: int = 0
    carts: int = 0
    quotes: int = 0
    charges: int = 0
    form_responses: int = 0
    comments: int = 0
    attachments: int = 0
    payments: int = 0
    invoices: int = 0
    quick_notes: int = 0
    credits: int = 0
    # Records that had been merged into the one that is merged now.
    patients: int = 0


class MergeOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    kept_id: str
    merged_id: str
    merged_at: datetime
    undone_at: datetime | None
    moved: MovedOut


class MergesOut(msgspec.Struct, frozen=True):
    """Those of one patient, the newest first."""

    merges: list[MergeOut]
