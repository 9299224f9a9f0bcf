"""From the names callers have for locations to the ids they mean."""

from collections.abc import Collection
from uuid import UUID

from carelane.kit.db import Connection
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.locations import queries


async def get_ids(conn: Connection, organization_id: UUID, names: list[str], had: Collection[UUID] = ()) -> list[UUID]:
    """Each once. Raises RecordNotFoundError that names all that are unknown, or archived and not among those `had` before."""
    ids = {record_id(organization_id, name): name for name in names}
    known = await queries.list_known(conn, organization_id, list(ids)) if ids else set()
    unknown = [name for location_id, name in ids.items() if location_id not in known and location_id not in had]
    if unknown:
        raise RecordNotFoundError(f"no location {', '.join(unknown)} here")
    return list(ids)
