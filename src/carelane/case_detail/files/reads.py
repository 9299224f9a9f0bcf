"""One file of a case, opened by whoever may see the case."""

from carelane import events
from carelane.case_detail.files import queries
from carelane.documents.errors import DocumentNotFoundError
from carelane.documents.queries import FILE_NAME
from carelane.documents.reads import Document
from carelane.kit.auth import Actor
from carelane.kit.ids import parse_uuid
from carelane.permissions import CASES_READ, requires
from carelane.services import Services


@requires(CASES_READ)
async def open_file(services: Services, actor: Actor, ref: str, file_ref: str) -> Document:
    """Raises DocumentNotFoundError, for a file of another case too."""
    case_id, file_id = parse_uuid(ref), parse_uuid(file_ref)
    if case_id is None or file_id is None:
        raise DocumentNotFoundError
    key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        row = await queries.find_file(conn, actor.organization_id, case_id, file_id)
        if row is None:
            raise DocumentNotFoundError
        await events.record_read(conn, actor, "attachment", row.id, "file of a case")
    try:
        content = await services.storage.get(key, row.storage_key, row.id)
    except FileNotFoundError:
        raise DocumentNotFoundError from None
    return Document(key.open(bytes(row.file_name_sealed), FILE_NAME, row.id).decode(), row.content_type, content)
