"""Writes on documents: reading files out of answers, storing them sealed, discarding them when a case fails."""

import base64
import binascii
import re
from typing import Any
from uuid import UUID

import msgspec
import structlog

from carelane.documents.queries import FILE_NAME, Attachment
from carelane.forms.schemas import FileIn
from carelane.kit.db import Sealed
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey, Phi
from carelane.kit.storage import Storage

log = structlog.get_logger()

# Shorter text is taken literally, not as a document: real files are longer, file names shorter.
_LEAST_BASE64_CHARACTERS = 64
_DATA_URL = re.compile(r"data:([\w.+/-]{1,255})(?:;[\w=.-]+)*;base64,")
_SIGNATURES = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\x89PNG", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
)


class NewFile(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read from an answer and is not stored yet."""

    id: UUID
    name: str
    content_type: str
    content: bytes

    def storage_key(self, organization_id: UUID) -> str:
        """Where the file is stored; the last digits spread the files over folders."""
        return f"{organization_id}/{self.id.hex[-2:]}/{self.id.hex}"

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
        except (ValueError, binascii.Error):
            problems.append(FieldProblem(f"{where}.data", "expected a file in base64"))
            continue
        if file is not None and len(file.content) > most_bytes:
            problems.append(FieldProblem(where, f"expected a file of at most {most_bytes} bytes"))
        elif file is not None:
            files.append(file)
    return files, problems


def _read_file(item: Any) -> NewFile | None:
    if isinstance(item, FileIn):
        prefix = _DATA_URL.match(item.data)
        content = _decode(item.data[prefix.end() :] if prefix else item.data)
        return NewFile(id=uuid7(), name=item.name, content_type=safe_type(item.content_type), content=content)
    if not isinstance(item, str):
        return None
    prefix = _DATA_URL.match(item)
    if prefix is not None:
        return _named(_decode(item[prefix.end() :]), prefix[1])
    if len(item) < _LEAST_BASE64_CHARACTERS:
        return None
    try:
        return _named(_decode(item), "application/octet-stream")
    except (ValueError, binascii.Error):
        return None


def _decode(data: str) -> bytes:
    return base64.b64decode("".join(data.split()), validate=True)


def safe_type(text: str) -> str:
    """A content type that can stand in a header, whatever was sent."""
    return text if re.fullmatch(r"[\w.+-]{1,100}/[\w.+-]{1,100}", text) else "application/octet-stream"


def _named(content: bytes, content_type: str) -> NewFile:
    for signature, known_type, ending in _SIGNATURES:
        if content.startswith(signature):
            return NewFile(id=uuid7(), name=f"document.{ending}", content_type=known_type, content=content)
    return NewFile(id=uuid7(), name="document", content_type=safe_type(content_type), content=content)


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
