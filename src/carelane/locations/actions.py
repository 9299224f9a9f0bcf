"""Making, changing and archiving locations. An archived location stays with the patients, carts and charges it has."""

from functools import partial
from uuid import UUID

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, refuse
from carelane.kit.ids import record_id, uuid7
from carelane.locations import queries
from carelane.locations.photos.access import path_of
from carelane.locations.photos.queries import Photo, save_photo
from carelane.locations.queries import Location
from carelane.locations.schemas import LocationIn, LocationOut, broken_rules, media_type_of
from carelane.permissions import CATALOG_WRITE, requires
from carelane.services import Services
from carelane.web import idempotency
from carelane.web.idempotency import RequestKey


@requires(CATALOG_WRITE)
async def save_location(
    services: Services, actor: Actor, body: LocationIn, request_key: RequestKey | None, base_url: str
) -> LocationOut:
    """The location, changed, or made when its id is new or absent. A photo is shown under `base_url`.

    Raises RuleBrokenError, also when a new one has no name, and ConflictError when it is archived.
    """
    refuse(broken_rules(body))
    return await idempotency.run_once(
        services, actor, request_key, partial(_save, actor, body, services.link_key, base_url)
    )


async def _save(actor: Actor, body: LocationIn, link_key: bytes, base_url: str, conn: Connection) -> LocationOut:
    organization_id = actor.organization_id
    location_id = uuid7() if body.id is None else record_id(organization_id, body.id)
    # Inserting first, and changing only what is there then, leaves no gap for another caller with the same id.
    is_new = body.name is not None and await queries.insert_location(conn, organization_id, location_id, body)
    if not is_new and not await queries.update_location(conn, organization_id, location_id, body):
        if body.name is None:
            refuse([FieldProblem("name", "name is required for a location that is not here yet")])
        raise ConflictError(f"location {body.id} is archived; expected one that is not, or a new id")
    media_type = media_type_of(body.photo) if body.photo is not None else None
    if body.photo is not None and media_type is not None:
        url = base_url + path_of(link_key, organization_id, location_id)
        await save_photo(conn, organization_id, location_id, Photo(media_type, body.photo), url)
    await _record(conn, actor, location_id)
    saved = await queries.find_location(conn, organization_id, location_id)
    if saved is None:
        raise LookupError("the location is gone")
    return saved


@requires(CATALOG_WRITE)
async def archive_location(services: Services, actor: Actor, ref: str) -> bool:
    """Raises RecordNotFoundError."""
    location_id = record_id(actor.organization_id, ref)
    async with services.db.transaction(actor) as conn:
        if not await queries.set_archived(conn, actor.organization_id, location_id):
            raise RecordNotFoundError(f"no location {ref} here")
        await _record(conn, actor, location_id)
    return True


@requires(CATALOG_WRITE)
async def save_locations(conn: Connection, actor: Actor, wanted: list[Location]) -> None:
    """Makes each location what is wanted, with an event for each that changes, in the caller's transaction."""
    there = await queries.lock_locations(conn, actor.organization_id, (location.id for location in wanted))
    changed = [location for location in wanted if there.get(location.id) != location]
    if changed:
        await queries.save_locations(conn, actor.organization_id, changed)
        await _record(conn, actor, *(location.id for location in changed))


async def _record(conn: Connection, actor: Actor, *ids: UUID) -> None:
    changes = (events.new_event(actor, "CATALOG_CHANGED", None, target_id=one, value_after="location") for one in ids)
    await events.record(conn, *changes)
