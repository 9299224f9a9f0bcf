"""Whether a promo code is good, and what it takes off."""

from carelane.kit.auth import Actor
from carelane.kit.ids import parse_uuid
from carelane.kit.money import decimal_string
from carelane.permissions import CATALOG_READ, STOREFRONT_READ, requires
from carelane.promo_codes import queries
from carelane.promo_codes.errors import BundleIdError, CodeMissingError
from carelane.promo_codes.queries import VisibleCode
from carelane.promo_codes.schemas import DiscountOut, key_of
from carelane.services import Services


@requires(CATALOG_READ)
async def list_discounts(
    services: Services, actor: Actor, code: str | None, bundle_ref: str | None
) -> list[DiscountOut]:
    """One, or none for a code that is not good now, or not for this bundle. Raises CodeMissingError, BundleIdError."""
    if not (code or "").strip():
        raise CodeMissingError
    bundle_id = parse_uuid(bundle_ref.strip()) if bundle_ref else None
    if bundle_ref and bundle_id is None:
        raise BundleIdError
    key = key_of(code or "")
    if "\0" in key:
        return []
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.find_discount(conn, actor.organization_id, key, bundle_id)
    if found is None:
        return []
    if found.discount_amount_cents is not None:
        return [DiscountOut(flat_discount=float(decimal_string(found.discount_amount_cents, found.currency)))]
    return [DiscountOut(percent_discount=float(found.discount_percentage or 0))]


@requires(STOREFRONT_READ)
async def list_visible(services: Services, actor: Actor) -> list[VisibleCode]:
    """The codes that the organization shows to everybody."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.list_visible(conn, actor.organization_id)
