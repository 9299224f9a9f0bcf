"""The timed job of documents."""

from datetime import datetime, timedelta
from uuid import UUID

from carelane.documents import queries
from carelane.documents.actions import folder_of
from carelane.kit import clock
from carelane.kit.ids import parse_uuid
from carelane.services import Services

# The name of the job's row, which keeps when the last sweep began.
JOB = "delete_orphaned_documents"
# Far longer than any request takes: no row will ever name an object this old that none names yet.
ORPHAN_AGE = timedelta(days=1)
# From reading a file to writing it, the clocks of all servers taken together.
_LATE = timedelta(hours=12)


async def delete_orphans(services: Services) -> None:
    """Deletes stored objects that no row names: what a crash between writing a file and its row leaves behind.

    A sweep looks into the folders of what was written since the one before, less what was too young for that one. The first of
    each month looks into all: it finds what earlier versions left, whose folders tell no time.
    """
    began = clock.now()
    async with services.db.across() as conn:
        last = await queries.find_sweep(conn, JOB)
    since = _first_folder(last, began)
    for path in await services.storage.list_folders():
        organization_id = parse_uuid(path)
        if organization_id is not None:
            for folder in await services.storage.list_folders(path):
                if _is_new(folder.rpartition("/")[2], since):
                    await _sweep(services, organization_id, folder, began - ORPHAN_AGE)
    async with services.db.across() as conn:
        await queries.save_sweep(conn, JOB, began)


def _first_folder(last: datetime | None, now: datetime) -> str | None:
    """None: all of them."""
    if last is None or (last.year, last.month) != (now.year, now.month):
        return None
    return folder_of(last - ORPHAN_AGE - _LATE)


def _is_new(name: str, since: str | None) -> bool:
    return since is None or (len(name) == len(since) and name >= since)


async def _sweep(services: Services, organization_id: UUID, folder: str, before: datetime) -> None:
    async for keys in services.storage.list_older(folder, before):
        if not keys:
            continue
        async with services.db.reading(organization_id) as conn:
            named = await queries.list_named_keys(conn, organization_id, keys)
        await services.storage.delete([key for key in keys if key not in named])
