"""Every SQL statement about photos of locations."""

from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection

_SAVE: LiteralString = """
INSERT INTO location_photos (organization_id, location_id, media_type, content) VALUES (%s, %s, %s, %s)
ON CONFLICT (organization_id, location_id) DO UPDATE SET
  media_type = excluded.media_type, content = excluded.content, updated_at = now()
"""
_SET_URL: LiteralString = "UPDATE locations SET photo_url = %s WHERE organization_id = %s AND id = %s"
_FIND: LiteralString = """
SELECT media_type, content FROM location_photos WHERE organization_id = %s AND location_id = %s
"""


class Photo(msgspec.Struct, frozen=True):
    media_type: str
    content: bytes


async def save_photo(conn: Connection, organization_id: UUID, location_id: UUID, photo: Photo, url: str) -> None:
    """In place of the one there was; the location, whose row is locked, shows it at `url`."""
    await conn.execute(_SAVE, (organization_id, location_id, photo.media_type, photo.content))
    await conn.execute(_SET_URL, (url, organization_id, location_id))


async def find_photo(conn: Connection, organization_id: UUID, location_id: UUID) -> Photo | None:
    async with conn.cursor(row_factory=class_row(Photo)) as cursor:
        await cursor.execute(_FIND, (organization_id, location_id))
        return await cursor.fetchone()
