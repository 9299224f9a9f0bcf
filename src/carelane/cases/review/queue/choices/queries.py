"""SQL of what can be chosen by name."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection

_CHOICES: LiteralString = """
SELECT json_build_object('products', coalesce((SELECT json_agg(json_build_object('id', n.id, 'name', n.name) ORDER BY n.name, n.id)
    FROM (SELECT id, name FROM products WHERE organization_id = %(organization_id)s ORDER BY name, id LIMIT 100) n), '[]'),
  'clinicians', coalesce((SELECT json_agg(json_build_object('id', s.id, 'name', s.name) ORDER BY s.name, s.id)
    FROM (SELECT id, first_name || ' ' || last_name AS name FROM staff WHERE organization_id = %(organization_id)s
      AND role = 'CASEWORKER' AND deactivated_at IS NULL ORDER BY first_name, last_name, id LIMIT 100) s), '[]'))::text
"""


class Choice(msgspec.Struct, frozen=True):
    id: UUID
    name: str


class Choices(msgspec.Struct, frozen=True):
    """What can be filtered for by name, and whom cases can be given to."""

    products: list[Choice]
    clinicians: list[Choice]


async def list_choices(conn: Connection, organization_id: UUID) -> Choices:
    """The first by name, where there are very many."""
    row = await (await conn.execute(_CHOICES, {"organization_id": organization_id})).fetchall()
    return msgspec.json.decode(row[0][0], type=Choices)
