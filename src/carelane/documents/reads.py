"""Reads of documents: one by its link, and those of a case, linked or inlined."""

import base64
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from msgspec import UNSET

from carelane import events
from carelane.documents import queries
from carelane.documents.access import Link, read_link, sign_link
from carelane.documents.errors import DocumentNotFoundError, DocumentsTooLargeError
from carelane.documents.schemas import AttachmentRecord
from carelane.kit import damage
from carelane.kit.auth import system_actor
from carelane.kit.phi import Phi, UnsealError
from carelane.services import Services

# More than this in base64 in one answer helps nobody; links have no such limit.
MAX_INLINE_BYTES = 104_857_600
# Where damage is found.
_CONTENT = "attachments.storage_key"


class Document(Phi, msgspec.Struct, frozen=True):
    name: str
    content_type: str
    content: bytes


async def open_link(services: Services, token: str, request_id: str | None) -> Document:
    """What a signed link leads to; whoever has the link may see it. Raises DocumentNotFoundError, LinkExpiredError."""
    link = read_link(services.link_key, token)
    actor = system_actor(link.organization_id, request_id)
    async with services.db.transaction(actor) as conn:
        file = await queries.find_file(conn, link.organization_id, link.document_id)
        if file is None:
            raise DocumentNotFoundError
        await events.record_read(conn, actor, "attachment", link.document_id, "signed link")
    data_key = await services.keyring.data_key(link.organization_id)
    try:
        content = await services.storage.get(data_key, file.storage_key, link.document_id)
    except FileNotFoundError:
        raise DocumentNotFoundError from None
    name = data_key.open(file.file_name_sealed, queries.FILE_NAME, link.document_id).decode()
    return Document(name, file.content_type, content)


def link_documents(
    services: Services, organization_id: UUID, attachments: Iterable[AttachmentRecord], base_url: str
) -> None:
    """Gives every document a link that works for 15 minutes."""
    for attachment in attachments:
        if not attachment.is_deleted:
            token = sign_link(services.link_key, Link(organization_id, attachment.id))
            attachment.url = f"{base_url}/documents/{token}"
        _drop_place(attachment)


async def inline_documents(services: Services, organization_id: UUID, attachments: Sequence[AttachmentRecord]) -> None:
    """Gives every document its content in base64; none to one whose bytes are lost or do not open.

    Raises DocumentsTooLargeError above MAX_INLINE_BYTES in all, UnavailableError.
    """
    if total_bytes(attachments) > MAX_INLINE_BYTES:
        raise DocumentsTooLargeError(
            f"documentFormat: expected `url`; the documents together exceed {MAX_INLINE_BYTES} bytes"
        )
    key = await services.keyring.data_key(organization_id)
    for attachment in attachments:
        if not attachment.is_deleted:
            try:
                content = await services.storage.get(key, str(attachment.storage_key), attachment.id)
            except (FileNotFoundError, UnsealError):
                damage.tell(_CONTENT, attachment.id)
            else:
                attachment.content = base64.b64encode(content).decode()
    for attachment in attachments:
        _drop_place(attachment)


def total_bytes(attachments: Iterable[AttachmentRecord]) -> int:
    """Of all documents, before they are inlined or linked."""
    return sum(int(attachment.size_bytes or 0) for attachment in attachments if not attachment.is_deleted)


def _drop_place(attachment: AttachmentRecord) -> None:
    """Where the bytes are stored never leaves."""
    attachment.storage_key = UNSET
    attachment.size_bytes = UNSET
