"""Documents: the row, and the sealed bytes in file storage."""

from typing import Any
from uuid import UUID

from carelane.documents.actions import folder_of
from carelane.documents.queries import FILE_NAME
from carelane.kit import clock
from carelane.kit.ids import uuid7
from carelane.services import Services
from tests.factories.rows import insert_row


async def attach(
    services: Services,
    organization_id: UUID,
    case_id: UUID,
    content: bytes,
    file_name: str = "document.txt",
    **values: Any,
) -> UUID:
    """A stored file of the case, or of its comment `comment_id`."""
    document_id = uuid7()
    storage_key = f"{organization_id}/{folder_of(clock.now())}/{document_id.hex}"
    key = await services.keyring.data_key(organization_id)
    await services.storage.put(key, storage_key, document_id, content)
    usual = {"content_type": "text/plain", "size_bytes": len(content), "storage_key": storage_key}
    sealed_name = key.seal(file_name.encode(), FILE_NAME, document_id)
    named = {"id": document_id, "case_id": case_id, "file_name_sealed": sealed_name}
    return await insert_row(services, organization_id, "attachments", **(usual | named | values))
