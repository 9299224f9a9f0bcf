"""A file that a member of staff adds to a case, on the wire."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi
from carelane.kit.texts import is_blank

# What browsers say of files that clinics keep; whatever else it is cannot be looked at here.
MimeType = Literal[
    "application/pdf", "application/msword", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "text/csv", "text/plain", "image/gif", "image/heic", "image/jpeg", "image/png", "image/tiff", "image/webp",
]  # fmt: skip
# What browsers show without running anything.
SHOWN: frozenset[str] = frozenset({"application/pdf", "image/gif", "image/jpeg", "image/png", "image/webp"})
MAX_NAME_CHARACTERS = 255


class CaseFileIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`data` is base64, or a data URL. Of a restricted file only staff know."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)]
    data: str
    mime_type: MimeType
    is_restricted: bool = False


class CaseFileOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    file_name: str
    mime_type: str
    is_restricted: bool
    size_bytes: int
    created_at: datetime


def broken_rules(body: CaseFileIn) -> Iterator[FieldProblem]:
    if is_blank(body.name):
        yield FieldProblem("name", "expected a name that can be read")
