"""Every SQL statement about locations."""

from collections.abc import Iterable
from functools import partial
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import LOCK, Connection, to_json, uuid_array
from carelane.kit.ids import given_id
from carelane.locations.schemas import (
    USUAL_TIMEZONE,
    LocationFilters,
    LocationIn,
    LocationOut,
    LocationPageOut,
    LocationSort,
    PublicLocationOut,
)
from carelane.web.paging import Page

# A location `l` as JSON that reads as a PublicLocationOut, and as a LocationOut.
_ADDRESS: LiteralString = """
'id', coalesce(l.given_id, l.id::text), 'name', l.name, 'addressLineOne', l.address_line1,
'addressLineTwo', l.address_line2, 'city', l.city, 'state', l.state, 'zipCode', l.postal_code, 'country', l.country,
'timezone', l.timezone
"""
_LOCATION: LiteralString = f"""
json_build_object({_ADDRESS}, 'isVirtual', l.is_virtual, 'createdDate', l.created_at, 'updatedDate', l.updated_at,
  'externalId', l.external_id, 'description', l.description, 'phoneNumber', l.phone_number, 'photoUrl', l.photo_url,
  'reviewLink', l.review_link, 'dosespotClinicId', l.dosespot_clinic_id,
  'spakinectLocationId', l.spakinect_location_id, 'latitude', l.latitude, 'longitude', l.longitude,
  'isArchived', l.archived_at IS NOT NULL)
"""
_FIND: LiteralString = f"""
SELECT {_LOCATION}::text FROM locations l WHERE l.organization_id = %s AND l.id = %s AND l.archived_at IS NULL
"""
_LIST_PUBLIC: LiteralString = f"""
SELECT coalesce(json_agg(json_build_object({_ADDRESS}) ORDER BY l.name, l.id), '[]')::text
FROM (SELECT * FROM locations WHERE organization_id = %s AND archived_at IS NULL ORDER BY name, id LIMIT %s) l
"""
_ORDERS: dict[LocationSort, LiteralString] = {
    "name": "name",
    "city": "city",
    "state": "state",
    "country": "country",
    "timezone": "timezone",
    "created_date": "created_at",
    "updated_date": "updated_at",
}
_LIST: LiteralString = (
    """
WITH found AS (
  SELECT * FROM locations WHERE organization_id = %(organization_id)s AND archived_at IS NULL
    AND (%(location_id)s::uuid IS NULL OR id = %(location_id)s)
    AND (%(name)s::text IS NULL OR strpos(lower(name), lower(%(name)s)) > 0)
    AND (%(city)s::text IS NULL OR strpos(lower(city), lower(%(city)s)) > 0)
    AND (%(state)s::text IS NULL OR lower(state) = lower(%(state)s))
    AND (%(is_virtual)s::boolean IS NULL OR is_virtual = %(is_virtual)s))
SELECT json_build_object('total', (SELECT count(*) FROM found), 'data', coalesce((
  SELECT json_agg("""
    + _LOCATION
    + """ ORDER BY place)
  FROM (SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM found
        ORDER BY {order} OFFSET %(offset)s LIMIT %(limit)s) l), '[]'))::text
"""
)
_INSERT: LiteralString = """
INSERT INTO locations (organization_id, id, given_id, external_id, name, is_virtual, address_line1, address_line2, city,
  state, postal_code, country, timezone, description, phone_number, photo_url, review_link, latitude, longitude,
  dosespot_clinic_id, spakinect_location_id)
VALUES (%(organization_id)s, %(row_id)s, %(given_id)s, %(external_id)s, %(name)s, coalesce(%(is_virtual)s, false),
  %(address_line_one)s, %(address_line_two)s, %(city)s, %(state)s, %(zip_code)s, %(country)s,
  coalesce(%(timezone)s, %(usual_timezone)s), %(description)s, %(phone_number)s, %(photo_url)s, %(review_link)s,
  %(latitude)s, %(longitude)s, %(dosespot_clinic_id)s, %(spakinect_location_id)s)
ON CONFLICT DO NOTHING RETURNING id
"""
_UPDATE: LiteralString = """
UPDATE locations SET external_id = coalesce(%(external_id)s, external_id), name = coalesce(%(name)s, name),
  is_virtual = coalesce(%(is_virtual)s, is_virtual), address_line1 = coalesce(%(address_line_one)s, address_line1),
  address_line2 = coalesce(%(address_line_two)s, address_line2), city = coalesce(%(city)s, city),
  state = coalesce(%(state)s, state), postal_code = coalesce(%(zip_code)s, postal_code),
  country = coalesce(%(country)s, country), timezone = coalesce(%(timezone)s, timezone),
  description = coalesce(%(description)s, description), phone_number = coalesce(%(phone_number)s, phone_number),
  photo_url = coalesce(%(photo_url)s, photo_url), review_link = coalesce(%(review_link)s, review_link),
  latitude = coalesce(%(latitude)s, latitude), longitude = coalesce(%(longitude)s, longitude),
  dosespot_clinic_id = coalesce(%(dosespot_clinic_id)s, dosespot_clinic_id),
  spakinect_location_id = coalesce(%(spakinect_location_id)s, spakinect_location_id), updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(row_id)s AND archived_at IS NULL RETURNING id
"""
_SET_ARCHIVED: LiteralString = """
UPDATE locations SET archived_at = now(), updated_at = now()
WHERE organization_id = %s AND id = %s AND archived_at IS NULL RETURNING id
"""

# Archived ones too.
_FIND_THESE: LiteralString = """
SELECT id, name, is_virtual, address_line1, address_line2, city, state, postal_code, country, timezone,
  archived_at IS NULL AS is_active
FROM locations WHERE organization_id = %(organization_id)s AND (id = ANY(%(ids)s::uuid[]) OR name = ANY(%(names)s::text[]))
ORDER BY created_at, id
"""
_SAVE: LiteralString = """
INSERT INTO locations (organization_id, id, name, is_virtual, address_line1, address_line2, city, state, postal_code,
  country, timezone, archived_at)
SELECT %s, n.id, n.name, n.is_virtual, n.address_line1, n.address_line2, n.city, n.state, n.postal_code, n.country,
  n.timezone, CASE WHEN NOT (sent ->> 'is_active')::boolean THEN now() END
FROM json_array_elements(%s::json) sent, json_populate_record(null::locations, sent) n
ON CONFLICT (organization_id, id) DO UPDATE SET
  name = excluded.name, is_virtual = excluded.is_virtual, address_line1 = excluded.address_line1,
  address_line2 = excluded.address_line2, city = excluded.city, state = excluded.state,
  postal_code = excluded.postal_code, country = excluded.country, timezone = excluded.timezone,
  archived_at = CASE WHEN excluded.archived_at IS NOT NULL
    THEN coalesce(locations.archived_at, excluded.archived_at) END,
  updated_at = now()
"""


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said of a location in the organization file; one that is not active is archived."""

    id: UUID
    name: str
    is_virtual: bool
    address_line1: str | None
    address_line2: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    timezone: str
    is_active: bool


async def find_location(conn: Connection, organization_id: UUID, location_id: UUID) -> LocationOut | None:
    """Archived ones are not there."""
    row = await (await conn.execute(_FIND, (organization_id, location_id))).fetchone()
    return msgspec.json.decode(row[0], type=LocationOut) if row else None


async def list_known(conn: Connection, organization_id: UUID, location_ids: list[UUID]) -> set[UUID]:
    """Which of them are locations here, and not archived."""
    cursor = await conn.execute(
        "SELECT id FROM locations WHERE organization_id = %s AND id = ANY(%s::uuid[]) AND archived_at IS NULL",
        (organization_id, uuid_array(location_ids)),
    )
    return {row[0] for row in await cursor.fetchall()}


async def list_public(conn: Connection, organization_id: UUID, most: int) -> list[PublicLocationOut]:
    row = await (await conn.execute(_LIST_PUBLIC, (organization_id, most))).fetchone()
    return msgspec.json.decode(row[0], type=list[PublicLocationOut]) if row else []


async def list_locations(
    conn: Connection, organization_id: UUID, filters: LocationFilters, page: Page
) -> LocationPageOut:
    """One page. What has no value in the sorted column comes last; equals are sorted by name, then id."""
    direction: LiteralString = " DESC NULLS LAST" if filters.is_descending else " ASC NULLS LAST"
    statement = _LIST.replace("{order}", _ORDERS[filters.sort_by] + direction + ", name, id")
    values = msgspec.structs.asdict(filters) | msgspec.structs.asdict(page) | {"organization_id": organization_id}
    row = await (await conn.execute(statement, values)).fetchone()
    return msgspec.json.decode(row[0] if row else b"", type=LocationPageOut)


async def insert_location(conn: Connection, organization_id: UUID, row_id: UUID, body: LocationIn) -> bool:
    """False: there is one already, perhaps archived, perhaps since a moment ago."""
    values = _values(organization_id, row_id, body) | {"given_id": given_id(body.id), "usual_timezone": USUAL_TIMEZONE}
    return await (await conn.execute(_INSERT, values)).fetchone() is not None


async def update_location(conn: Connection, organization_id: UUID, row_id: UUID, body: LocationIn) -> bool:
    """False: there is none, or it is archived."""
    return await (await conn.execute(_UPDATE, _values(organization_id, row_id, body))).fetchone() is not None


async def set_archived(conn: Connection, organization_id: UUID, location_id: UUID) -> bool:
    """False: there is none, or it is archived already."""
    return await (await conn.execute(_SET_ARCHIVED, (organization_id, location_id))).fetchone() is not None


def _values(organization_id: UUID, row_id: UUID, body: LocationIn) -> dict[str, Any]:
    columns = msgspec.structs.asdict(body)
    # That has a table of its own.
    del columns["photo"]
    return columns | {"organization_id": organization_id, "row_id": row_id}


async def find_locations(
    conn: Connection, organization_id: UUID, ids: Iterable[UUID], names: Iterable[str] = (), *, lock: LiteralString = ""
) -> dict[UUID, Location]:
    """Those of `ids` or with one of `names`; by id."""
    values = {"organization_id": organization_id, "ids": uuid_array(ids), "names": list(names)}
    async with conn.cursor(row_factory=class_row(Location)) as cursor:
        await cursor.execute(_FIND_THESE + lock, values)
        return {location.id: location for location in await cursor.fetchall()}


lock_locations = partial(find_locations, lock=LOCK)


async def save_locations(conn: Connection, organization_id: UUID, locations: list[Location]) -> None:
    await conn.execute(_SAVE, (organization_id, to_json(locations)))
