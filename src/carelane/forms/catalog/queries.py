"""Every SQL statement about the forms that bundles show."""

from collections.abc import Iterable
from functools import partial
from typing import LiteralString
from uuid import UUID

import msgspec
from msgspec import UNSET
from psycopg.rows import class_row

from carelane.forms.catalog.schemas import FormVersionOut, ListedFormOut
from carelane.forms.queries import FORM, Question
from carelane.forms.schemas import Flags, FormOut, QuestionOut
from carelane.kit.db import LOCK, Connection, to_json, uuid_array
from carelane.web.paging import Wanted, asked_for

# Forms of products belong to cases.
_CATALOG_FORMS: LiteralString = f"""
SELECT {FORM} FROM forms f WHERE f.organization_id = %(organization_id)s AND f.product_id IS NULL
"""
_FIND_CATALOG_FORMS: LiteralString = f"""
{_CATALOG_FORMS} AND (f.id = ANY(%(ids)s::uuid[]) OR f.name = ANY(%(names)s::text[]))
ORDER BY f.id
"""
# In a statement of its own: the questions that are read with the lock would be those from before the wait for it.
_LOCK_ROW: LiteralString = """
SELECT FROM forms WHERE organization_id = %s AND id = %s AND product_id IS NULL FOR NO KEY UPDATE
"""
# The versions of form `f` that came with no case.
_OF_FORM: LiteralString = """
FROM form_versions v WHERE v.organization_id = f.organization_id AND v.form_id = f.id AND NOT v.is_dynamic
"""
_QUESTION_COUNT: LiteralString = """
(SELECT count(*) FROM form_questions q WHERE q.organization_id = v.organization_id AND q.form_version_id = v.id)
"""
_WANTED: dict[str, LiteralString] = {"name": "f.name ILIKE %(name)s", "is_active": "f.is_active = %(is_active)s"}
_LISTED: LiteralString = "FROM forms f WHERE f.organization_id = %(organization_id)s AND f.product_id IS NULL"
_LIST_ROWS: LiteralString = f"""
SELECT f.id, f.name, f.is_active, coalesce(n.number, 0) AS number, coalesce(n.question_count, 0) AS question_count,
  n.created_at AS changed_at
FROM (SELECT f.organization_id, f.id, f.name, f.is_active {{page}}) f
LEFT JOIN LATERAL (SELECT v.number, v.created_at, {_QUESTION_COUNT} AS question_count {_OF_FORM}
  ORDER BY v.number DESC LIMIT 1) n ON true
ORDER BY lower(f.name), f.id
"""
_PAGE: LiteralString = " ORDER BY lower(f.name), f.id LIMIT %(limit)s OFFSET %(offset)s"
_VERSIONS: LiteralString = f"""
SELECT v.number, v.created_at, {_QUESTION_COUNT} AS question_count
FROM forms f JOIN form_versions v ON v.organization_id = f.organization_id AND v.form_id = f.id AND NOT v.is_dynamic
WHERE f.organization_id = %s AND f.id = %s AND f.product_id IS NULL ORDER BY v.number DESC LIMIT %s
"""
_QUESTIONS: LiteralString = """
SELECT q.text, q.type, q.required, q.is_phi, q.options, q.hint, q.placeholder, q.render_mode, q.condition,
  q.organization_document, q.flags, q.carry
FROM form_versions v JOIN form_questions q ON q.organization_id = v.organization_id AND q.form_version_id = v.id
WHERE v.organization_id = %s AND v.form_id = %s AND v.number = %s AND NOT v.is_dynamic ORDER BY q.index
"""
_SAVE_CATALOG_FORMS: LiteralString = """
INSERT INTO forms (organization_id, id, name, description, is_active, show_steps_individually)
SELECT %s, id, name, description, is_active, show_steps_individually FROM json_populate_recordset(null::forms, %s)
ON CONFLICT (organization_id, id) DO UPDATE SET
  name = excluded.name, description = excluded.description, is_active = excluded.is_active,
  show_steps_individually = excluded.show_steps_individually
"""
_DIGESTS: LiteralString = """
SELECT form_id, questions_digest FROM form_versions WHERE organization_id = %s AND form_id = ANY(%s::uuid[])
"""
# Questions `q` with red flags, by their texts as the newest version of a form of the catalog has them. A storefront sends questions
# by their texts, and what is known of one today holds for yesterday's answer.
FLAGGED: LiteralString = """
form_questions q
JOIN form_versions v ON v.organization_id = q.organization_id AND v.id = q.form_version_id AND NOT v.is_dynamic
JOIN forms f ON f.organization_id = v.organization_id AND f.id = v.form_id AND f.product_id IS NULL
WHERE q.organization_id = %(organization_id)s AND q.flags IS NOT NULL
  AND v.number = (SELECT max(l.number) FROM form_versions l
                  WHERE l.organization_id = v.organization_id AND l.form_id = v.form_id AND NOT l.is_dynamic)
"""
# Part of a page about case `c`: the flags of the questions that it answers.
CASE_FLAGS: LiteralString = f"""
coalesce((
  SELECT json_agg(json_build_object('text', n.text, 'flags', n.flags)) FROM (
    SELECT q.text, q.flags FROM {FLAGGED} AND q.text IN (SELECT a.text FROM form_responses r
      JOIN form_answers w ON w.organization_id = r.organization_id AND w.form_response_id = r.id
      JOIN form_questions a ON a.organization_id = w.organization_id AND a.id = w.question_id
      WHERE r.organization_id = c.organization_id AND r.case_id = c.id)
    ORDER BY f.name, q.index LIMIT %(most)s) n), '[]')
"""


_COLUMNS = (
    "text", "type", "required", "is_phi", "options", "hint", "placeholder", "render_mode", "condition",
    "organization_document", "flags", "carry",
)  # fmt: skip


class CatalogForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form that bundles show, with the questions of its newest version."""

    id: UUID
    name: str
    description: str | None
    is_active: bool
    questions: list[Question]
    show_steps_individually: bool = False


class _LockedQuestion(QuestionOut, frozen=True, kw_only=True):
    flags: Flags | None


class _LockedForm(FormOut, frozen=True, kw_only=True):
    """With what bundles do not show (seed 003)."""

    show_steps_individually: bool
    questions: list[_LockedQuestion]  # type: ignore[assignment]


async def find_catalog_forms(
    conn: Connection, organization_id: UUID, ids: Iterable[UUID], names: Iterable[str] = (), *, lock: LiteralString = ""
) -> dict[UUID, CatalogForm]:
    """Those of `ids` or with one of `names`; by id."""
    values = {"organization_id": organization_id, "ids": uuid_array(ids), "names": list(names)}
    cursor = await conn.execute(_FIND_CATALOG_FORMS + lock, values)
    shown = [msgspec.json.decode(row[0], type=_LockedForm) for row in await cursor.fetchall()]
    return {form.id: _as_wanted(form) for form in shown}


lock_catalog_forms = partial(find_catalog_forms, lock=LOCK)


def _as_wanted(locked: _LockedForm) -> CatalogForm:
    """As what is wanted says it: without flags where there are none, and so with what is not carried."""
    form = msgspec.convert(locked, CatalogForm, from_attributes=True)
    questions = [
        msgspec.structs.replace(question, flags=question.flags or UNSET, carry=question.carry or UNSET)
        for question in form.questions
    ]
    return msgspec.structs.replace(form, questions=questions)


async def find_catalog_form(conn: Connection, organization_id: UUID, form_id: UUID) -> CatalogForm | None:
    """With the questions of its newest version."""
    values = {"organization_id": organization_id, "id": form_id}
    row = await (await conn.execute(_CATALOG_FORMS + " AND f.id = %(id)s", values)).fetchone()
    return _as_wanted(msgspec.json.decode(row[0], type=_LockedForm)) if row else None


async def lock_row(conn: Connection, organization_id: UUID, form_id: UUID) -> bool:
    """False: there is no such form that bundles show."""
    return await (await conn.execute(_LOCK_ROW, (organization_id, form_id))).fetchone() is not None


async def list_rows(conn: Connection, organization_id: UUID, wanted: Wanted) -> tuple[list[ListedFormOut], int]:
    """By name, and how many fit."""
    values = wanted.values(organization_id)
    further = _LISTED + asked_for(_WANTED, values)
    counted = await conn.execute("SELECT count(*) " + further, values)
    async with conn.cursor(row_factory=class_row(ListedFormOut)) as cursor:
        await cursor.execute(_LIST_ROWS.replace("{page}", further + _PAGE), values)
        rows = await cursor.fetchall()
    return rows, (await counted.fetchall())[0][0]


async def list_versions(conn: Connection, organization_id: UUID, form_id: UUID, most: int) -> list[FormVersionOut]:
    """Newest first, without those that came with cases."""
    async with conn.cursor(row_factory=class_row(FormVersionOut)) as cursor:
        await cursor.execute(_VERSIONS, (organization_id, form_id, most))
        return await cursor.fetchall()


async def list_questions(conn: Connection, organization_id: UUID, form_id: UUID, number: int) -> list[Question]:
    """Of one version; none when there is no such version."""
    cursor = await conn.execute(_QUESTIONS, (organization_id, form_id, number))
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in await cursor.fetchall()]
    return [msgspec.convert(row, Question) for row in rows]


async def save_catalog_forms(conn: Connection, organization_id: UUID, forms: list[CatalogForm]) -> None:
    """Without their questions."""
    await conn.execute(_SAVE_CATALOG_FORMS, (organization_id, to_json(forms)))


async def list_digests(conn: Connection, organization_id: UUID, form_ids: Iterable[UUID]) -> dict[UUID, list[bytes]]:
    """The digests of all versions of each form."""
    cursor = await conn.execute(_DIGESTS, (organization_id, uuid_array(form_ids)))
    digests: dict[UUID, list[bytes]] = {}
    for form_id, digest in await cursor.fetchall():
        digests.setdefault(form_id, []).append(bytes(digest))
    return digests
