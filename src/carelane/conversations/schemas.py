"""Comments and notes as the case detail shows them (seed 002)."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from carelane.documents.schemas import AttachmentOut
from carelane.kit.phi import Phi
from carelane.staff.schemas import BasicUserOut


class CommentOut(Phi, msgspec.Struct, rename="camel", kw_only=True):
    """`attachments` is absent unless the caller asked for attachments."""

    id: UUID
    text: str
    is_restricted: bool
    forms: list[dict[str, Any]]
    created_at: datetime
    author: BasicUserOut | None
    attachments: list[AttachmentOut] | UnsetType = UNSET
