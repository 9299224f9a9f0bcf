"""Writes on documents: reading files out of answers, storing them sealed, discarding them when a case fails."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog

from carelane.documents.queries import FILE_NAME, Attachment
from carelane.forms.schemas import FileIn
from carelane.kit import clock
from carelane.kit.data_urls import LEAST_BARE_CHARACTERS, DataUrlHead, EncodedFile, is_data_url, read_file
from carelane.kit.db import Sealed
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey, Phi
from carelane.kit.storage import Storage
from carelane.kit.texts import is_blank

log = structlog.get_logger()

# What is longer than words ever are was meant as a document.
MAX_WORDS_CHARACTERS = 8_192
MAX_NAME_CHARACTERS = 255
_ANY_TYPE = "application/octet-stream"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SIGNATURES = (
    (re.compile(rb"%PDF-"), "application/pdf"),
    (re.compile(rb"\x89PNG"), "image/png"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"II\*\0|MM\0\*"), "image/tiff"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"....ftyp(?:hei[cmsx]|hev[cmsx]|mif1|msf1)", re.DOTALL), "image/heic"),
)
_ENDINGS = {
    "application/pdf": "pdf", "application/msword": "doc", _DOCX: "docx", "application/rtf": "rtf", "image/avif": "avif",
    "image/gif": "gif", "image/heic": "heic", "image/heic-sequence": "heic", "image/heif": "heif",
    "image/heif-sequence": "heif", "image/jpeg": "jpg", "image/jpg": "jpg", "image/png": "png", "image/tiff": "tif",
    "image/webp": "webp",
}  # fmt: skip


def folder_of(moment: datetime) -> str:
    """The name of the folder for what is stored now. Names sort by time; each stands for 2**24 milliseconds, four hours and a half."""
    return f"{int(moment.timestamp() * 1000) >> 24:06x}"


class NewFile(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read from an answer and is not stored yet."""

    id: UUID
    name: str
    content_type: str
    content: bytes | bytearray
    # When it was read: an id may be older than its file.
    folder: str = msgspec.field(default_factory=lambda: folder_of(clock.now()))

    def storage_key(self, organization_id: UUID) -> str:
        """Where the file is stored: what was written at about one time lies in one folder."""
        return f"{organization_id}/{self.folder}/{self.id.hex}"

    def attachment(
        self, data_key: DataKey, organization_id: UUID, case_id: UUID, patient_id: UUID, answer_id: UUID, is_phi: bool
    ) -> Attachment:
        """The row for this file as a patient's answer."""
        return Attachment(
            organization_id=organization_id,
            id=self.id,
            case_id=case_id,
            answer_id=answer_id,
            file_name_sealed=Sealed(data_key.seal(self.name.encode(), FILE_NAME, self.id)),
            content_type=self.content_type,
            size_bytes=len(self.content),
            storage_key=self.storage_key(organization_id),
            is_phi=is_phi,
            uploaded_by_patient_id=patient_id,
        )


def read_files(answer: Any, place: str, most_bytes: int) -> tuple[list[NewFile], list[FieldProblem]]:
    """The files in the answer of a FILE question, and what is wrong with them.

    An answer may hold file objects, data URLs or bare base64; any other text is an ordinary answer.
    """
    files: list[NewFile] = []
    problems: list[FieldProblem] = []
    items = answer if isinstance(answer, list) else [answer]
    for index, item in enumerate(items):
        where = f"{place}[{index}]" if isinstance(answer, list) else place
        try:
            file = _read_file(item)
        except ValueError:
            problems.append(FieldProblem(f"{where}.data", "expected a file in base64"))
            continue
        if file is not None and len(file.content) > most_bytes:
            problems.append(FieldProblem(where, f"expected a file of at most {most_bytes} bytes"))
        elif file is not None:
            files.append(file)
    return files, problems


def _read_file(item: Any) -> NewFile | None:
    if isinstance(item, FileIn):
        told, content = read_file(item.data)
        content_type = told.content_type if item.content_type == _ANY_TYPE else item.content_type
        name = _default_name(content_type) if is_blank(item.name) else item.name
        return NewFile(id=uuid7(), name=name, content_type=safe_type(content_type), content=content)
    if not isinstance(item, str):
        return None
    if is_data_url(item) or isinstance(item, EncodedFile):
        return _named(*read_file(item))
    if len(item) < LEAST_BARE_CHARACTERS:
        return None
    try:
        return _named(*read_file(item))
    except ValueError:
        if len(item) > MAX_WORDS_CHARACTERS:
            raise
        return None


def safe_type(text: str) -> str:
    """A content type that can stand in a header, whatever was sent."""
    return text if re.fullmatch(r"[\w.+-]{1,100}/[\w.+-]{1,100}", text) else _ANY_TYPE


def _named(told: DataUrlHead, content: bytes | bytearray) -> NewFile:
    content_type = known_type(content) or safe_type(told.content_type)
    name = told.name or _default_name(content_type)
    return NewFile(id=uuid7(), name=name[:MAX_NAME_CHARACTERS], content_type=content_type, content=content)


def _default_name(content_type: str) -> str:
    ending = _ENDINGS.get(content_type)
    return f"document.{ending}" if ending else "document"


def known_type(content: bytes | bytearray) -> str | None:
    """By what files of the kind begin with. A DOCX is a ZIP whose directory, at its end, names a folder `word`."""
    if content.startswith(b"PK\x03\x04") and b"word/document.xml" in content[-65_536:]:
        return _DOCX
    return next((kind for signature, kind in _SIGNATURES if signature.match(content)), None)


async def store_files(storage: Storage, data_key: DataKey, organization_id: UUID, files: list[NewFile]) -> None:
    """Called before the rows that name them are written: a row never names a file that does not exist."""
    for file in files:
        await storage.put(data_key, file.storage_key(organization_id), file.id, file.content)


async def discard_files(storage: Storage, organization_id: UUID, files: list[NewFile]) -> None:
    """Called after their case was refused. Whatever a failure leaves behind, `jobs.delete_orphans` removes."""
    try:
        await storage.delete([file.storage_key(organization_id) for file in files])
    except Exception as error:
        log.warning("files_left_behind", error=type(error).__name__, count=len(files))
