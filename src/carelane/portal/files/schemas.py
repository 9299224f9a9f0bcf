"""A patient's files on the wire."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import Phi
from carelane.kit.texts import is_blank
from carelane.staff.schemas import BasicUserOut

MimeType = Literal[
    "application/pdf",
    "application/msword",
    "text/csv",
    "text/plain",
    "image/jpeg",
    "image/png",
    "image/svg+xml",
    "image/tiff",
    "image/webp",
]
FileName = Annotated[str, Meta(min_length=1, max_length=255)]
MAX_FILES = 1_000


class FileUploadIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`data` is base64, or a data URL. Without `caseId` the file belongs to no case."""

    name: FileName
    data: str
    mime_type: MimeType
    case_id: Annotated[str, Meta(max_length=50)] | None = None


class RenameIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    file_name: FileName


class UploadedFileOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`caseId` is null for a file of no case."""

    id: UUID
    file_name: str
    is_phi: bool = msgspec.field(name="isPHI")
    is_restricted: bool
    case_id: UUID | None
    created_at: datetime


class FileOut(UploadedFileOut, rename="camel", frozen=True, kw_only=True):
    uploaded_by: BasicUserOut | None


class FilesOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    files: list[FileOut]


class FilesAnswerOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    data: FilesOut


class FileAnswerOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    data: FileOut


class UploadAnswerOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    data: UploadedFileOut


class DownloadOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`expiresIn` is in seconds."""

    download_url: str
    file_name: str
    expires_in: int


class DownloadAnswerOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    data: DownloadOut


class FileDeletedOut(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    message: str = "File deleted successfully"


def upload_problems(body: FileUploadIn) -> Iterator[FieldProblem]:
    if is_blank(body.name):
        yield FieldProblem("name", "expected a name that can be read")
    if body.case_id is not None and parse_uuid(body.case_id) is None:
        yield FieldProblem("caseId", "expected a UUID")


def rename_problems(body: RenameIn) -> Iterator[FieldProblem]:
    if is_blank(body.file_name):
        yield FieldProblem("fileName", "expected a name that can be read")
