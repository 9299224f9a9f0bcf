"""Reads of the catalogue as the care dialect shows it. Archived bundles are not there; products that are not sold any more are, and say so."""

from msgspec import UNSET

from carelane.catalog import queries
from carelane.catalog.errors import BundleNotFoundError, ProductNotFoundError
from carelane.catalog.schemas import BundleDetailOut, BundleOut, ProductDetailOut, ProductOut
from carelane.catalog.views import show_bundle, show_product
from carelane.forms.queries import list_forms
from carelane.kit.auth import Actor
from carelane.kit.ids import parse_uuid
from carelane.permissions import CATALOG_READ, requires
from carelane.services import Services


@requires(CATALOG_READ)
async def list_bundles(services: Services, actor: Actor, is_visible: bool | None) -> list[BundleOut]:
    """Oldest first; `is_visible` None: all."""
    async with services.db.reading(actor.organization_id) as conn:
        bundles = await queries.list_bundles(conn, actor.organization_id, is_visible)
    return [show_bundle(bundle) for bundle in bundles]


@requires(CATALOG_READ)
async def get_bundle(
    services: Services, actor: Actor, ref: str, *, with_intake_form: bool, with_followup_form: bool
) -> BundleDetailOut:
    """Raises BundleNotFoundError."""
    bundle_id = parse_uuid(ref)
    async with services.db.reading(actor.organization_id) as conn:
        bundle = await queries.find_bundle(conn, actor.organization_id, bundle_id) if bundle_id else None
        if bundle is None:
            raise BundleNotFoundError(ref)
        asked = {
            name: form_id
            for name, is_asked, form_id in (
                ("intake_form", with_intake_form, bundle.intake_form_id),
                ("followup_form", with_followup_form, bundle.followup_form_id),
            )
            if is_asked
        }
        forms = await list_forms(conn, actor.organization_id, [form_id for form_id in asked.values() if form_id])
    shown = {name: forms.get(form_id) if form_id else None for name, form_id in asked.items()}
    return BundleDetailOut(bundle=show_bundle(bundle), **shown)


@requires(CATALOG_READ)
async def list_products(services: Services, actor: Actor, is_visible: bool | None) -> list[ProductOut]:
    """Oldest first; those that are sold are visible. `is_visible` None: all."""
    async with services.db.reading(actor.organization_id) as conn:
        products = await queries.list_products(conn, actor.organization_id, is_visible)
    return [show_product(product) for product in products]


@requires(CATALOG_READ)
async def get_product(
    services: Services, actor: Actor, ref: str, *, with_followup_form: bool, with_optional_followup_form: bool
) -> ProductDetailOut:
    """Raises ProductNotFoundError."""
    product_id, form = parse_uuid(ref), None
    async with services.db.reading(actor.organization_id) as conn:
        product = await queries.find_product(conn, actor.organization_id, product_id) if product_id else None
        if product is None:
            raise ProductNotFoundError(ref)
        if with_followup_form:
            form_id = await queries.find_followup_form(conn, actor.organization_id, product.id)
            form = (await list_forms(conn, actor.organization_id, [form_id])).get(form_id) if form_id else None
    return ProductDetailOut(
        product=show_product(product),
        followup_form=form if with_followup_form else UNSET,
        # No product has one.
        optional_followup_form=None if with_optional_followup_form else UNSET,
    )
