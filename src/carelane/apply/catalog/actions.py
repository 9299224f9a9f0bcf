"""Products, forms and bundles of a file: compared with what is there, and handed to their own actions."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import fields

from carelane.apply.catalog.schemas import BundleEntry, FormEntry, ProductEntry, QuestionEntry
from carelane.apply.organization.schemas import OrganizationFile
from carelane.apply.states import Comparison
from carelane.apply.views import Change
from carelane.catalog import actions, queries
from carelane.catalog.desk.actions import save_sold_products
from carelane.catalog.desk.queries import SoldProduct, find_sold_products
from carelane.catalog.queries import FullBundle
from carelane.forms.actions import save_catalog_forms
from carelane.forms.catalog.queries import CatalogForm, lock_catalog_forms
from carelane.forms.queries import Question
from carelane.forms.schemas import Flags
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.money import read_amount
from carelane.permissions import CATALOG_WRITE, requires

Ids = Mapping[str, UUID]
# What a file may leave out of a product.
_USUAL: dict[str, Any] = {
    "category": None,
    "brand_name": None,
    "type": "PRODUCT",
    "internal_notes": None,
    "exempted_tax_ids": [],
}
_AS_THE_FILE_SAYS = (
    "link_name", "tag", "sold_out_list_text", "sold_out_list_color", "sold_out_modal_text", "sold_out_modal_color",
)  # fmt: skip


@requires(CATALOG_WRITE)
async def apply_products(
    conn: Connection, actor: Actor, entries: list[ProductEntry], tax_ids: Ids, comparison: Comparison
) -> tuple[list[Change], Ids]:
    """Also the ids of the file's products by name. `tax_ids` are those of its taxes."""
    locked = await queries.lock_products(conn, actor.organization_id, *comparison.candidates("product", entries))
    ids = comparison.ids_of("product", entries, locked)
    # In a statement of its own: the taxes that are read with the lock would be those from before the wait for it.
    there = await find_sold_products(conn, actor.organization_id, locked)
    rows, changes = [], []
    for entry in entries:
        before = there.get(ids[entry.name])
        row, merged = comparison.merge_row("product", _product(ids[entry.name], entry, before, tax_ids), before)
        # What the file does not say of it was not applied.
        unsaid = {field.encode_name for field in fields(entry) if getattr(entry, field.name) is UNSET}
        said = {name: value for name, value in merged.fields.items() if name not in unsaid}
        comparison.remember("product", row.id, said)
        rows.append(row)
        changes.append(merged.change)
    await save_sold_products(conn, actor, rows, there)
    return changes, ids


@requires(CATALOG_WRITE)
async def apply_bundles(
    conn: Connection, actor: Actor, file: OrganizationFile, product_ids: Ids, comparison: Comparison
) -> tuple[list[Change], Ids, Ids]:
    """With the forms they show. Also the ids of the file's bundles and of its forms by name."""
    changes, form_ids = await _apply_forms(conn, actor, file.forms, comparison)
    there = await queries.lock_bundles(conn, actor.organization_id, *comparison.candidates("bundle", file.bundles))
    ids = comparison.ids_of("bundle", file.bundles, there)
    wanted = [_bundle(ids[entry.name], entry, product_ids, form_ids) for entry in file.bundles]
    rows, bundle_changes = comparison.merge_rows("bundle", wanted, there)
    await actions.save_bundles(conn, actor, rows)
    return changes + bundle_changes, ids, form_ids


async def _apply_forms(
    conn: Connection, actor: Actor, entries: list[FormEntry], comparison: Comparison
) -> tuple[list[Change], Ids]:
    there = await lock_catalog_forms(conn, actor.organization_id, *comparison.candidates("form", entries))
    ids = comparison.ids_of("form", entries, there)
    wanted = [_form(ids[entry.name], entry) for entry in entries]
    rows, changes = comparison.merge_rows("form", wanted, there)
    await save_catalog_forms(conn, actor, rows)
    return changes, ids


def _product(product_id: UUID, entry: ProductEntry, before: SoldProduct | None, tax_ids: Ids) -> SoldProduct:
    """What the file leaves out is as it stands, or as usual where it is new."""
    rest = {name: getattr(before, name) if before else usual for name, usual in _USUAL.items()}
    rest |= {name: getattr(entry, name) for name in _USUAL if getattr(entry, name, UNSET) is not UNSET}
    if entry.exempted_taxes is not UNSET:
        rest["exempted_tax_ids"] = sorted({tax_ids[name] for name in entry.exempted_taxes})
    return SoldProduct(
        **rest,
        id=product_id,
        name=entry.name,
        description=entry.description,
        image_url=entry.image_url,
        price_cents=read_amount(entry.price, entry.currency),
        currency=entry.currency,
        is_active=entry.is_active,
    )


def _form(form_id: UUID, entry: FormEntry) -> CatalogForm:
    return CatalogForm(
        id=form_id,
        name=entry.name,
        description=entry.description,
        is_active=entry.is_active,
        show_steps_individually=entry.show_steps_individually,
        questions=[_question(question) for question in entry.questions],
    )


_LEFT_OUT = ("flag", "option_flags", "carry")


def _question(entry: QuestionEntry) -> Question:
    plain = {
        "condition": msgspec.to_builtins(entry.condition),
        "organization_document": msgspec.to_builtins(entry.organization_document),
    }
    rest = {name: value for name, value in msgspec.structs.asdict(entry).items() if name not in _LEFT_OUT}
    return Question(**(rest | plain), flags=_flags(entry), carry=entry.carry or UNSET)


def _flags(entry: QuestionEntry) -> Flags | UnsetType:
    has_any = entry.flag is not None or entry.option_flags
    return Flags(any=entry.flag, options=dict(entry.option_flags)) if has_any else UNSET


def _bundle(bundle_id: UUID, entry: BundleEntry, product_ids: Ids, form_ids: Ids) -> FullBundle:
    return FullBundle(
        id=bundle_id,
        name=entry.name,
        image_url=entry.image_url,
        description=entry.description,
        price_cents=read_amount(entry.price, entry.price_unit),
        currency=entry.price_unit,
        initial_discount_cents=read_amount(entry.initial_discount, entry.price_unit),
        is_sold_out=entry.is_sold_out,
        is_visible=entry.is_visible,
        is_archived=entry.is_archived,
        intake_form_id=form_ids[entry.intake_form] if entry.intake_form else None,
        followup_form_id=form_ids[entry.followup_form] if entry.followup_form else None,
        # The rules made sure that what is no name is an id.
        product_ids=sorted({product_ids.get(named) or UUID(named) for named in entry.products}),
        **{name: getattr(entry, name) for name in _AS_THE_FILE_SAYS},
    )
