"""The timed job of documents."""

from collections import defaultdict
from datetime import timedelta
from uuid import UUID

from carelane.documents import queries
from carelane.kit import clock
from carelane.kit.ids import parse_uuid
from carelane.services import Services

# Far longer than any request takes: no row will ever name an object this old that none names yet.
ORPHAN_AGE = timedelta(days=1)


async def delete_orphans(services: Services) -> None:
    """Deletes stored objects that no row names: what a crash between writing a file and its row leaves behind."""
    async for storage_keys in services.storage.list_older(clock.now() - ORPHAN_AGE):
        by_organization: dict[UUID, list[str]] = defaultdict(list)
        for storage_key in storage_keys:
            organization_id = parse_uuid(storage_key.split("/")[0])
            if organization_id is not None:
                by_organization[organization_id].append(storage_key)
        for organization_id, keys in by_organization.items():
            async with services.db.reading(organization_id) as conn:
                named = await queries.list_named_keys(conn, organization_id, keys)
            await services.storage.delete([key for key in keys if key not in named])
