"""Every SQL statement about templates."""

from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, to_json
from carelane.kit.phi import Phi
from carelane.templates.schemas import MAX_TEMPLATES, ContentIn, Kind, TemplateIn, TemplateOut

_TEMPLATE: LiteralString = """
json_build_object('id', t.id, 'kind', t.kind, 'scope', CASE WHEN t.staff_id IS NULL THEN 'CLINIC' ELSE 'MINE' END,
  'name', t.name, 'productId', t.product_id, 'content', t.content, 'createdAt', t.created_at, 'updatedAt', t.updated_at)
"""
# The clinic's, and those of whoever asks.
_SEEN: LiteralString = """
FROM templates t WHERE t.organization_id = %(organization_id)s AND t.archived_at IS NULL
  AND (t.staff_id IS NULL OR t.staff_id = %(staff_id)s)
"""
_LIST: LiteralString = f"""
SELECT coalesce(json_agg({_TEMPLATE} ORDER BY t.place), '[]')::text FROM (
  SELECT t.*, row_number() OVER (ORDER BY t.staff_id IS NULL, lower(t.name), t.id) AS place {_SEEN}
    AND (%(kind)s::text IS NULL OR t.kind = %(kind)s)
    AND (%(q)s::text IS NULL OR strpos(lower(t.name), lower(%(q)s)) > 0
      OR strpos(lower(coalesce(t.content ->> 'text', '')), lower(%(q)s)) > 0
      OR EXISTS (SELECT FROM jsonb_array_elements(coalesce(t.content -> 'medInfo', '[]')) m
                 WHERE strpos(lower(m ->> 'medicine'), lower(%(q)s)) > 0))
    AND (%(product_id)s::uuid IS NULL OR t.product_id IS NULL OR t.product_id = %(product_id)s)
  ORDER BY place LIMIT %(most)s) t
"""
_FIND: LiteralString = f"SELECT {_TEMPLATE}::text {_SEEN} AND t.id = %(id)s"
_LOCK: LiteralString = f"SELECT {_TEMPLATE}::text {_SEEN} AND t.id = %(id)s FOR NO KEY UPDATE OF t"
_COUNT: LiteralString = (
    f"SELECT count(*) {_SEEN} AND t.kind = %(kind)s AND t.staff_id IS NOT DISTINCT FROM %(owner_id)s"
)
_SAVE: LiteralString = """
INSERT INTO templates (organization_id, id, kind, staff_id, name, product_id, content)
VALUES (%(organization_id)s, %(id)s, %(kind)s, %(owner_id)s, %(name)s, %(product_id)s, %(content)s)
ON CONFLICT (organization_id, id) DO UPDATE SET name = excluded.name, product_id = excluded.product_id,
  content = excluded.content, staff_id = excluded.staff_id, updated_at = now()
RETURNING id
"""
_ARCHIVE: LiteralString = """
UPDATE templates SET archived_at = now(), updated_at = now() WHERE organization_id = %s AND id = %s
"""
_PRODUCT: LiteralString = "SELECT count(*) FROM products WHERE organization_id = %s AND id = %s"
_VALUES: LiteralString = """
SELECT c.patient_first_name AS first_name, c.patient_last_name AS last_name, coalesce((
    SELECT string_agg(n.name, ', ' ORDER BY k.position, k.id) FROM case_products k
    JOIN products n ON n.organization_id = k.organization_id AND n.id = k.product_id
    WHERE k.organization_id = c.organization_id AND k.case_id = c.id AND k.status = 'OPEN'), '') AS product,
  coalesce((SELECT concat_ws(' ', s.title, s.first_name, s.last_name) FROM staff s
    WHERE s.organization_id = c.organization_id AND s.id = %(staff_id)s), o.name) AS clinician, o.name AS clinic,
  p.state
FROM cases c JOIN organizations o ON o.id = c.organization_id
JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
WHERE c.organization_id = %(organization_id)s AND c.id = %(case_id)s
"""


class CaseValues(Phi, msgspec.Struct, frozen=True, kw_only=True):
    first_name: str
    last_name: str
    product: str
    clinician: str
    clinic: str
    state: str | None


async def list_templates(
    conn: Connection,
    organization_id: UUID,
    staff_id: UUID | None,
    kind: Kind | None,
    q: str | None,
    product_id: UUID | None,
) -> list[TemplateOut]:
    """The member's own first, then by name."""
    values = {"organization_id": organization_id, "staff_id": staff_id, "kind": kind, "q": q, "product_id": product_id}
    row = await (await conn.execute(_LIST, values | {"most": 2 * MAX_TEMPLATES})).fetchone()
    return msgspec.json.decode(row[0], type=list[TemplateOut]) if row else []


async def find_template(
    conn: Connection, organization_id: UUID, staff_id: UUID | None, template_id: UUID
) -> TemplateOut | None:
    return await _find(conn, organization_id, _FIND, staff_id, template_id)


async def lock_template(
    conn: Connection, organization_id: UUID, staff_id: UUID | None, template_id: UUID
) -> TemplateOut | None:
    return await _find(conn, organization_id, _LOCK, staff_id, template_id)


async def _find(
    conn: Connection, organization_id: UUID, query: LiteralString, staff_id: UUID | None, template_id: UUID
) -> TemplateOut | None:
    values = {"organization_id": organization_id, "staff_id": staff_id, "id": template_id}
    row = await (await conn.execute(query, values)).fetchone()
    return msgspec.json.decode(row[0], type=TemplateOut) if row else None


async def count_templates(conn: Connection, organization_id: UUID, owner_id: UUID | None, kind: Kind) -> int:
    values = {"organization_id": organization_id, "staff_id": owner_id, "owner_id": owner_id, "kind": kind}
    row = await (await conn.execute(_COUNT, values)).fetchone()
    return row[0] if row else 0


async def save_template(
    conn: Connection, organization_id: UUID, template_id: UUID, owner_id: UUID | None, body: TemplateIn
) -> None:
    """Raises UniqueViolation when another has its name."""
    values = {"organization_id": organization_id, "id": template_id, "kind": body.kind, "owner_id": owner_id}
    content: ContentIn = body.content
    more = {"name": body.name.strip(), "product_id": body.product_id, "content": to_json(content)}
    # Asked for its row, so that the violation is raised here and not by whatever comes next.
    await (await conn.execute(_SAVE, values | more)).fetchone()


async def set_archived(conn: Connection, organization_id: UUID, template_id: UUID) -> None:
    await conn.execute(_ARCHIVE, (organization_id, template_id))


async def find_is_product(conn: Connection, organization_id: UUID, product_id: UUID) -> bool:
    row = await (await conn.execute(_PRODUCT, (organization_id, product_id))).fetchone()
    return bool(row and row[0])


async def get_values(conn: Connection, organization_id: UUID, case_id: UUID, staff_id: UUID | None) -> CaseValues:
    """Of a case that is known to exist."""
    values = {"organization_id": organization_id, "case_id": case_id, "staff_id": staff_id}
    async with conn.cursor(row_factory=class_row(CaseValues)) as cursor:
        await cursor.execute(_VALUES, values)
        found = await cursor.fetchone()
    if found is None:
        raise LookupError("the case is gone")
    return found
