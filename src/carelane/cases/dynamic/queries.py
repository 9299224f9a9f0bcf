"""The SQL statement that says what a dynamic case refers to: a bundle, a form, questions."""

from collections.abc import Iterable
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection, uuid_array

# Of the form, the version that the questions are of; else the newest that bundles show, else the newest.
_REFERRED: LiteralString = """
SELECT json_build_object('currency', o.currency, 'bundle', (
    SELECT json_build_object('id', b.id, 'name', b.name, 'product_ids', ARRAY(
        SELECT p.id FROM bundle_products k
        JOIN products p ON p.organization_id = k.organization_id AND p.id = k.product_id AND p.is_active
        WHERE k.organization_id = b.organization_id AND k.bundle_id = b.id ORDER BY p.created_at, p.id))
    FROM bundles b WHERE b.organization_id = o.id AND b.id = %(bundle_id)s AND b.archived_at IS NULL),
  'form', (
    SELECT json_build_object('name', f.name, 'version_id', v.id, 'questions', coalesce((
        SELECT json_agg(json_build_object('id', q.id, 'text', q.text, 'type', q.type, 'required', q.required,
          'is_phi', q.is_phi, 'options', q.options, 'hint', q.hint, 'placeholder', q.placeholder,
          'condition', q.condition) ORDER BY q.index)
        FROM form_questions q WHERE q.organization_id = v.organization_id AND q.form_version_id = v.id), '[]'))
    FROM forms f JOIN form_versions v ON v.organization_id = f.organization_id AND v.form_id = f.id
    WHERE f.organization_id = o.id AND f.id = %(form_id)s
    ORDER BY v.id IN (SELECT q.form_version_id FROM form_questions q
        WHERE q.organization_id = o.id AND q.id = ANY(%(question_ids)s::uuid[])) DESC, v.is_dynamic, v.number DESC
    LIMIT 1),
  'questions', coalesce((
    SELECT json_agg(json_build_object('id', q.id, 'text', q.text, 'type', q.type, 'required', q.required,
      'is_phi', q.is_phi, 'options', q.options, 'hint', q.hint, 'placeholder', q.placeholder, 'condition', q.condition))
    FROM form_questions q WHERE q.organization_id = o.id AND q.id = ANY(%(question_ids)s::uuid[])), '[]'))::text
FROM organizations o WHERE o.id = %(organization_id)s
"""


class KnownQuestion(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    text: str
    type: str
    required: bool
    is_phi: bool
    options: list[str]
    hint: str | None
    placeholder: str | None
    condition: Any = None


class KnownForm(msgspec.Struct, frozen=True, kw_only=True):
    """With the questions of one version, in their order."""

    name: str
    version_id: UUID
    questions: list[KnownQuestion]


class KnownBundle(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    product_ids: list[UUID]


class Referred(msgspec.Struct, frozen=True, kw_only=True):
    """What a body names, as far as the organization has it."""

    currency: str
    bundle: KnownBundle | None
    form: KnownForm | None
    questions: list[KnownQuestion]


async def get_referred(
    conn: Connection,
    organization_id: UUID,
    *,
    bundle_id: UUID | None = None,
    form_id: UUID | None = None,
    question_ids: Iterable[UUID] = (),
) -> Referred:
    """One round trip."""
    values = {
        "organization_id": organization_id,
        "bundle_id": bundle_id,
        "form_id": form_id,
        "question_ids": uuid_array(question_ids),
    }
    row = await (await conn.execute(_REFERRED, values)).fetchone()
    if row is None:
        raise LookupError("the credential's organization is gone")
    return msgspec.json.decode(row[0], type=Referred)
