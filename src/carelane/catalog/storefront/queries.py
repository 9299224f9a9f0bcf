"""The SQL statements about what a storefront shows, and the row types."""

from typing import Any, LiteralString
from uuid import UUID

import msgspec

from carelane.catalog.queries import MAX_BUNDLES
from carelane.kit.db import Connection

_VISIBLE: LiteralString = """
FROM bundles b WHERE b.organization_id = %(organization_id)s AND b.archived_at IS NULL AND b.is_visible
"""
_BUNDLES: LiteralString = f"""
SELECT json_build_object('id', b.id, 'name', b.name, 'description', b.description, 'image_url', b.image_url,
  'price_cents', b.price_cents, 'initial_discount_cents', b.initial_discount_cents, 'currency', b.currency,
  'is_sold_out', b.is_sold_out, 'link_name', b.link_name, 'tag', coalesce(b.tag, b.category),
  'sold_out_list_text', b.sold_out_list_text, 'sold_out_list_color', b.sold_out_list_color,
  'sold_out_modal_text', b.sold_out_modal_text, 'sold_out_modal_color', b.sold_out_modal_color,
  'intake_form_id', b.intake_form_id, 'products', coalesce((
    SELECT json_agg(json_build_object('id', p.id, 'name', p.name, 'image_url', p.image_url, 'category', p.category)
                    ORDER BY p.name, p.id)
    FROM bundle_products k JOIN products p ON p.organization_id = k.organization_id AND p.id = k.product_id
    WHERE k.organization_id = b.organization_id AND k.bundle_id = b.id AND p.is_active), '[]'))::text
{_VISIBLE} ORDER BY b.created_at, b.id LIMIT %(most)s
"""
# The newest version of each.
_FORMS: LiteralString = f"""
SELECT json_build_object('id', f.id, 'name', f.name, 'description', f.description, 'is_active', f.is_active,
  'show_steps_individually', f.show_steps_individually, 'version_id', v.id, 'version_number', v.number,
  'questions', coalesce((
    SELECT json_agg(json_build_object('id', q.id, 'index', q.index, 'text', q.text, 'type', q.type, 'hint', q.hint,
      'is_phi', q.is_phi, 'options', q.options, 'placeholder', q.placeholder, 'required', q.required,
      'render_mode', q.render_mode, 'condition', q.condition, 'document', q.organization_document) ORDER BY q.index)
    FROM form_questions q WHERE q.organization_id = f.organization_id AND q.form_version_id = v.id), '[]'))::text
FROM forms f JOIN LATERAL (
  SELECT n.id, n.number FROM form_versions n WHERE n.organization_id = f.organization_id AND n.form_id = f.id
    AND NOT n.is_dynamic ORDER BY n.number DESC LIMIT 1) v ON true
WHERE f.organization_id = %(organization_id)s
  AND (f.id = %(form_id)s OR f.id IN (SELECT b.intake_form_id {_VISIBLE}))
"""


class ShownProduct(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    image_url: str | None
    category: str | None


class ShownBundle(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    description: str | None
    image_url: str | None
    price_cents: int
    initial_discount_cents: int
    currency: str
    is_sold_out: bool
    link_name: str | None
    tag: str | None
    sold_out_list_text: str | None
    sold_out_list_color: str | None
    sold_out_modal_text: str | None
    sold_out_modal_color: str | None
    intake_form_id: UUID | None
    products: list[ShownProduct]


class ShownQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """`condition` and `document` are as the organization file says them."""

    id: UUID
    index: int
    text: str
    type: str
    hint: str | None
    is_phi: bool
    options: list[str]
    placeholder: str | None
    required: bool
    render_mode: str | None
    condition: dict[str, Any] | None
    document: dict[str, Any] | None


class ShownForm(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    description: str | None
    is_active: bool
    show_steps_individually: bool
    version_id: UUID
    version_number: int
    questions: list[ShownQuestion]


class ShownCatalog(msgspec.Struct, frozen=True):
    """The forms by their ids."""

    bundles: list[ShownBundle]
    forms: dict[UUID, ShownForm]


async def list_shown(conn: Connection, organization_id: UUID, form_id: UUID | None) -> ShownCatalog:
    """The visible bundles, oldest first, and their intake forms; and the form `form_id`. One round trip."""
    values = {"organization_id": organization_id, "form_id": form_id, "most": MAX_BUNDLES}
    of_bundles, of_forms = await conn.execute(_BUNDLES, values), await conn.execute(_FORMS, values)
    forms = [msgspec.json.decode(row[0], type=ShownForm) for row in await of_forms.fetchall()]
    bundles = [msgspec.json.decode(row[0], type=ShownBundle) for row in await of_bundles.fetchall()]
    return ShownCatalog(bundles, {form.id: form for form in forms})
