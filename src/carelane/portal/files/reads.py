"""A patient's files: the list, one by its id, and the link to it."""

from uuid import UUID

from carelane import events
from carelane.documents.access import LIFETIME_SECONDS, Link, sign_link
from carelane.kit.auth import Actor
from carelane.permissions import PORTAL_OWN, requires
from carelane.portal.access import own_id
from carelane.portal.files import queries
from carelane.portal.files.errors import CaseNotOwnError, NoSuchFileError
from carelane.portal.files.schemas import (
    MAX_FILES,
    DownloadAnswerOut,
    DownloadOut,
    FileAnswerOut,
    FilesAnswerOut,
    FilesOut,
)
from carelane.portal.files.views import open_name, show_file
from carelane.services import Services


@requires(PORTAL_OWN)
async def list_files(services: Services, actor: Actor, case_id: UUID | None, is_phi: bool | None) -> FilesAnswerOut:
    """Those of the patient's cases, newest first; `is_phi` None: all kinds. Raises CaseNotOwnError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        if case_id and not await queries.find_case(conn, actor.organization_id, own_id(actor), case_id):
            raise CaseNotOwnError
        rows = await queries.list_files(conn, actor.organization_id, own_id(actor), case_id, is_phi, MAX_FILES)
        await events.record_reads(conn, actor, "attachment", [row.id for row in rows], "the patient's own files")
    return FilesAnswerOut(data=FilesOut(files=[show_file(data_key, row) for row in rows]))


@requires(PORTAL_OWN)
async def get_file(services: Services, actor: Actor, file_id: UUID) -> FileAnswerOut:
    """Raises NoSuchFileError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        row = await queries.find_file(conn, actor.organization_id, own_id(actor), file_id)
        if row is None:
            raise NoSuchFileError
        await events.record_read(conn, actor, "attachment", row.id, "the patient's own file")
    return FileAnswerOut(data=show_file(data_key, row))


@requires(PORTAL_OWN)
async def link_file(services: Services, actor: Actor, file_id: UUID, base_url: str) -> DownloadAnswerOut:
    """A link that is good for 15 minutes. Raises NoSuchFileError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        row = await queries.find_file(conn, actor.organization_id, own_id(actor), file_id)
        if row is None:
            raise NoSuchFileError
        await events.record_read(conn, actor, "attachment", row.id, "link to the patient's own file")
    token = sign_link(services.link_key, Link(actor.organization_id, row.id))
    link = DownloadOut(
        download_url=f"{base_url}/documents/{token}", file_name=open_name(data_key, row), expires_in=LIFETIME_SECONDS
    )
    return DownloadAnswerOut(data=link)
