"""Making and changing locations by hand. The rows are written as `apply` writes them."""

from uuid import UUID

import msgspec

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, RecordNotFoundError, refuse
from carelane.kit.ids import parse_uuid, uuid7
from carelane.locations.actions import save_locations
from carelane.locations.desk import queries
from carelane.locations.desk.reads import NOBODY
from carelane.locations.desk.schemas import PlaceIn, PlaceOut
from carelane.locations.desk.views import show_location
from carelane.locations.queries import Location, lock_locations
from carelane.locations.schemas import KNOWN_TIMEZONES
from carelane.permissions import CATALOG_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.versions import require_same


@requires(CATALOG_WRITE)
async def create_location(services: Services, actor: Actor, body: PlaceIn, request_key: RequestKey | None) -> PlaceOut:
    """Raises RuleBrokenError, and what `run_once` raises."""

    async def act(conn: Connection) -> PlaceOut:
        return await _save(conn, actor, uuid7(), body, None)

    return await run_once(services, actor, request_key, act)


@requires(CATALOG_WRITE)
async def change_location(
    services: Services, actor: Actor, ref: str, body: PlaceIn, request_key: RequestKey | None
) -> PlaceOut:
    """As a whole. Raises RecordNotFoundError, ChangedMeanwhileError, RuleBrokenError, and what `run_once` raises."""

    async def act(conn: Connection) -> PlaceOut:
        row_id = parse_uuid(ref) or NOBODY
        await lock_locations(conn, actor.organization_id, [row_id])
        # In a statement of its own: what is read with the lock would be as it was before the wait for it.
        before = await queries.find_row(conn, actor.organization_id, row_id)
        if before is None:
            raise RecordNotFoundError("no such location here")
        require_same(body.version, show_location(before).version)
        return await _save(conn, actor, row_id, body, before)

    return await run_once(services, actor, request_key, act)


async def _save(conn: Connection, actor: Actor, location_id: UUID, body: PlaceIn, before: Location | None) -> PlaceOut:
    """Raises RuleBrokenError."""
    if body.timezone not in KNOWN_TIMEZONES:
        refuse([FieldProblem("timezone", "expected an IANA name such as America/New_York")])
    members = msgspec.structs.asdict(body)
    del members["version"]
    wanted = Location(id=location_id, **members)
    if wanted != before:
        await save_locations(conn, actor, [wanted])
    return show_location(wanted)
