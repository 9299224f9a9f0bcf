"""Every SQL statement about forms, their versions and answers."""

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from carelane.forms.schemas import Flags, FormOut
from carelane.kit.db import Connection, Sealed, to_json
from carelane.kit.phi import Phi

# The place that a sealed answer is bound to.
ANSWER = "form_answers.sealed"

# Those of the wanted versions (`wanted_json`) that exist, as a JSON list of Version.
FOUND_VERSIONS: LiteralString = """
coalesce((
  SELECT json_agg(json_build_object('position', wanted.position, 'id', v.id, 'question_ids', ARRAY(
           SELECT q.id FROM form_questions q
           WHERE q.organization_id = v.organization_id AND q.form_version_id = v.id ORDER BY q.index)))
  FROM jsonb_to_recordset(%(wanted)s) AS wanted (position integer, product_id uuid, name text, digest bytea)
  JOIN forms f ON f.organization_id = %(organization_id)s AND f.product_id IS NOT DISTINCT FROM wanted.product_id
              AND f.name = wanted.name
  JOIN form_versions v ON v.organization_id = f.organization_id AND v.form_id = f.id
                      AND v.questions_digest = wanted.digest), '[]')
"""

# Made or found, the form's row is locked until the transaction ends: versions of a form are numbered one at a time. A form of no
# product may be one that bundles show: what a case says of it does not change it.
_LOCK_FORM: LiteralString = """
INSERT INTO forms (organization_id, id, product_id, name, description)
VALUES (%(organization_id)s, %(id)s, %(product_id)s, %(name)s, %(description)s)
ON CONFLICT (organization_id, product_id, name)
  DO UPDATE SET description = CASE WHEN forms.product_id IS NULL THEN forms.description
    ELSE coalesce(excluded.description, forms.description) END
RETURNING id
"""

_INSERT_VERSION: LiteralString = """
INSERT INTO form_versions (organization_id, id, form_id, number, questions_digest, is_dynamic)
SELECT %(organization_id)s, %(id)s, %(form_id)s, coalesce(max(number), 0) + 1, %(digest)s, %(is_dynamic)s
FROM form_versions WHERE organization_id = %(organization_id)s AND form_id = %(form_id)s
"""

_INSERT_QUESTIONS: LiteralString = """
INSERT INTO form_questions (organization_id, id, form_version_id, index, text, type, required, is_phi, options, hint,
                            placeholder, render_mode, condition, organization_document, flags, carry)
SELECT %s, id, %s, index, text, type, required, is_phi, options, hint,
       placeholder, render_mode, condition, organization_document, flags, coalesce(carry, false)
FROM json_populate_recordset(null::form_questions, %s)
"""

# A form `f` with the questions of its newest version that came with no case, as JSON that reads as a FormOut.
FORM: LiteralString = """
json_build_object(
  'id', f.id, 'name', f.name, 'description', f.description, 'isActive', f.is_active,
  'showStepsIndividually', f.show_steps_individually,
  'questions', coalesce((
    SELECT json_agg(json_build_object(
      'hint', q.hint, 'id', q.id, 'isPHI', q.is_phi, 'options', q.options, 'placeholder', q.placeholder,
      'required', q.required, 'text', q.text, 'type', q.type, 'renderMode', q.render_mode, 'index', q.index,
      'condition', q.condition, 'organizationDocument', q.organization_document, 'flags', q.flags,
      'carry', q.carry) ORDER BY q.index)
    FROM form_questions q
    WHERE q.organization_id = f.organization_id AND q.form_version_id = (
      SELECT v.id FROM form_versions v WHERE v.organization_id = f.organization_id AND v.form_id = f.id
        AND NOT v.is_dynamic ORDER BY v.number DESC LIMIT 1)
  ), '[]'))::text
"""
_FORMS: LiteralString = f"SELECT {FORM} FROM forms f WHERE f.organization_id = %s AND f.id = ANY(%s)"

# Parts of the statement that writes a case: `sent.rows` holds all its rows as JSON.
INSERT_RESPONSES: LiteralString = """
INSERT INTO form_responses (organization_id, id, case_id, form_version_id, patient_id)
SELECT organization_id, id, case_id, form_version_id, patient_id
FROM sent, jsonb_populate_recordset(null::form_responses, sent.rows -> 'responses')
"""

INSERT_ANSWERS: LiteralString = """
INSERT INTO form_answers (organization_id, id, form_response_id, question_id, text, sealed)
SELECT organization_id, id, form_response_id, question_id, text, sealed
FROM sent, jsonb_populate_recordset(null::form_answers, sent.rows -> 'answers')
"""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What identifies a question; a version's digest covers these."""

    text: str
    type: str
    required: bool = False
    is_phi: bool = False
    options: list[str] = []
    hint: str | None = None
    placeholder: str | None = None
    render_mode: str | None = None
    condition: dict[str, Any] | None = None
    organization_document: dict[str, Any] | None = None
    # Left out where there are none: digests of versions that were made before there were flags stay as they are.
    flags: Flags | UnsetType | None = UNSET
    # Likewise, where it is not so.
    carry: bool | UnsetType = UNSET


class QuestionRow(Question, frozen=True, kw_only=True):
    id: UUID
    index: int


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A form's version, and its questions' ids in their order; `position` is its place among those that were wanted."""

    id: UUID
    question_ids: list[UUID]
    position: int = 0


class WantedVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The version of the form `name` (of a product, or of none) that has exactly these questions."""

    product_id: UUID | None
    name: str
    description: str | None
    questions: list[Question]
    digest: bytes


class FormResponse(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    case_id: UUID
    form_version_id: UUID
    patient_id: UUID


class FormAnswer(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Either `text` or `sealed` is set."""

    organization_id: UUID
    id: UUID
    form_response_id: UUID
    question_id: UUID
    text: str | None
    sealed: Sealed | None


def wanted_json(wanted: Sequence[WantedVersion]) -> str:
    """The parameter `wanted` of FOUND_VERSIONS."""
    return to_json(
        [
            {
                "position": position,
                "product_id": version.product_id,
                "name": version.name,
                "digest": Sealed(version.digest),
            }
            for position, version in enumerate(wanted)
        ]
    )


async def find_versions(conn: Connection, organization_id: UUID, wanted: Sequence[WantedVersion]) -> list[Version]:
    """Those of the wanted versions that exist. Asks the database nothing when none is wanted."""
    if not wanted:
        return []
    values = {"organization_id": organization_id, "wanted": wanted_json(wanted)}
    (row,) = await (await conn.execute("SELECT (" + FOUND_VERSIONS + ")::text", values)).fetchall()
    return msgspec.json.decode(row[0], type=list[Version])


async def find_version(conn: Connection, organization_id: UUID, wanted: WantedVersion) -> Version | None:
    found = await find_versions(conn, organization_id, [wanted])
    return found[0] if found else None


async def lock_form(conn: Connection, organization_id: UUID, new_id: UUID, wanted: WantedVersion) -> UUID:
    """The form's id; `new_id` when it had to be made."""
    cursor = await conn.execute(
        _LOCK_FORM,
        {
            "organization_id": organization_id,
            "id": new_id,
            "product_id": wanted.product_id,
            "name": wanted.name,
            "description": wanted.description,
        },
    )
    row = await cursor.fetchone()
    assert row is not None
    return UUID(str(row[0]))


async def insert_version(
    conn: Connection,
    organization_id: UUID,
    form_id: UUID,
    version_id: UUID,
    digest: bytes,
    questions: list[QuestionRow],
    *,
    is_dynamic: bool = False,
) -> None:
    """The next version of a form whose row the caller has locked. `is_dynamic`: it came with a case, and bundles never show it."""
    values = {"organization_id": organization_id, "id": version_id, "form_id": form_id, "digest": digest}
    await conn.execute(_INSERT_VERSION, values | {"is_dynamic": is_dynamic})
    await conn.execute(_INSERT_QUESTIONS, (organization_id, version_id, to_json(questions)))


async def list_forms(conn: Connection, organization_id: UUID, form_ids: list[UUID]) -> dict[UUID, FormOut]:
    """The forms, each with the questions of its newest version. Asks the database nothing when none is wanted."""
    if not form_ids:
        return {}
    cursor = await conn.execute(_FORMS, (organization_id, form_ids))
    forms = [msgspec.json.decode(row[0], type=FormOut) for row in await cursor.fetchall()]
    return {form.id: form for form in forms}


# Part of the case detail: `c` is the case, `p` its patient, `%(most)s` bounds the list. A sealed answer's text is an object.
CASE_RESPONSES: LiteralString = """
coalesce((
  SELECT json_agg(json_build_object('id', r.id, 'isDraft', r.is_draft,
    'form', json_build_object('id', f.id, 'name', f.name, 'description', f.description),
    'responses', coalesce((
      SELECT json_agg(json_build_object('id', w.id, 'isArchived', w.is_archived, 'createdAt', w.created_at,
        'text', CASE WHEN w.sealed IS NULL THEN to_json(w.text)
                     ELSE json_build_object('sealed', encode(w.sealed, 'hex')) END,
        'question', json_build_object('index', q.index, 'type', q.type, 'text', q.text, 'isPHI', q.is_phi,
                                      'options', q.options, 'required', q.required),
        'respondent', json_build_object('id', p.id, 'firstName', p.first_name, 'lastName', p.last_name)) ORDER BY q.index)
      FROM form_answers w
      JOIN form_questions q ON q.organization_id = w.organization_id AND q.id = w.question_id
      WHERE w.organization_id = r.organization_id AND w.form_response_id = r.id), '[]')
  ) ORDER BY r.created_at, r.id)
  FROM (SELECT * FROM form_responses WHERE organization_id = c.organization_id AND case_id = c.id
        ORDER BY created_at DESC LIMIT %(most)s) r
  JOIN form_versions v ON v.organization_id = r.organization_id AND v.id = r.form_version_id
  JOIN forms f ON f.organization_id = v.organization_id AND f.id = v.form_id), '[]')
"""
