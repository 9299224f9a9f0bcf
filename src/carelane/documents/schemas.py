"""Documents as the case detail shows them (seed 002)."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from carelane.kit.phi import Phi
from carelane.staff.schemas import BasicUserOut


class AttachmentOut(Phi, msgspec.Struct, rename="camel", kw_only=True):
    """Exactly one of `url` and `content` (base64) is there; neither of a deleted document, nor `content` of one that is damaged."""

    id: UUID
    is_restricted: bool
    is_phi: bool = msgspec.field(name="isPHI")
    file_name: str
    is_deleted: bool
    created_at: datetime
    uploaded_by: BasicUserOut | None
    url: str | UnsetType = UNSET
    content: str | UnsetType = UNSET


class AttachmentRecord(AttachmentOut, rename="camel", kw_only=True):
    """As it comes from the database: with what is needed to find the bytes, which never leaves."""

    storage_key: str | UnsetType = UNSET
    size_bytes: int | UnsetType = UNSET
