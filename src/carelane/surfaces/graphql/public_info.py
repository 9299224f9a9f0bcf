"""The public info of an organization: its branding field by field, and what else its storefront shows."""

from typing import Any, TypeVar

import msgspec
import strawberry
from strawberry import ID, Private

from carelane.organizations.branding.schemas import Look
from carelane.surfaces.graphql.context import Storefront
from carelane.surfaces.graphql.storefront_types import Faq, Form, ProductBundle, PromoCode
from carelane.surfaces.graphql.storefront_views import show_bundle, show_faq, show_form

# Members of the branding that are shown as something else than they are.
_OTHERWISE = frozenset({"faq", "testimonials", "monthly_cost", "self_sign_up_profile_fields"})
_PLAIN = [field for field in msgspec.structs.fields(Look) if field.name not in _OTHERWISE]

InfoT = TypeVar("InfoT")


def _with_plain_fields(type_: type[InfoT]) -> type[InfoT]:
    """Each text, link and color of the branding, which may be missing, and each flag, which is not."""
    for field in _PLAIN:
        type_.__annotations__[field.name] = bool if field.type is bool else str | None
        setattr(type_, field.name, strawberry.field(name=field.encode_name))
    return type_


@strawberry.type(name="OrganizationPartnerIntegrationPublicInfo")
@_with_plain_fields
class PublicInfo:
    storefront: Private[Storefront]
    id: ID
    organization_id: ID
    organization_name: str
    link_name: str
    monthly_cost: float | None
    self_sign_up_profile_fields: list[str]

    @strawberry.field
    def faq(self) -> list[Faq]:
        return show_faq(self.storefront.organization_id, self.storefront.branding)

    @strawberry.field
    async def form(self) -> Form | None:
        """The form that is asked without a bundle; unless one is named, that of the default bundle."""
        catalog, branding = await self.storefront.catalog(), self.storefront.branding
        form_id = branding.form_id
        if form_id is None:
            default = (bundle for bundle in catalog.bundles if bundle.id == branding.default_bundle_id)
            form_id = next((bundle.intake_form_id for bundle in default), None)
        form = catalog.forms.get(form_id) if form_id else None
        return show_form(self.storefront.organization_id, form) if form else None

    @strawberry.field
    async def product_bundles(self) -> list[ProductBundle]:
        """Those that are visible, oldest first."""
        catalog = await self.storefront.catalog()
        return [show_bundle(self.storefront.organization_id, catalog, bundle) for bundle in catalog.bundles]

    @strawberry.field
    async def default_product_bundle(self) -> ProductBundle | None:
        """The one that is offered first, if it is visible."""
        catalog, wanted = await self.storefront.catalog(), self.storefront.branding.default_bundle_id
        found = (bundle for bundle in catalog.bundles if bundle.id == wanted)
        return next((show_bundle(self.storefront.organization_id, catalog, bundle) for bundle in found), None)

    @strawberry.field
    async def visible_promo_codes(self) -> list[PromoCode]:
        """Those that the organization shows to everybody and that can be used now."""
        codes = await self.storefront.promo_codes()
        return [PromoCode(name=code.code, label=code.label, description=code.description) for code in codes]

    @strawberry.field
    def analytics_promo_codes(self) -> list[PromoCode]:
        """Those that a storefront counts visits by: none are kept."""
        return []


def show_info(storefront: Storefront) -> PublicInfo:
    branding = storefront.branding
    plain: dict[str, Any] = {field.name: getattr(branding, field.name) for field in _PLAIN}
    return PublicInfo(
        storefront=storefront,
        id=ID(str(branding.id)),
        organization_id=ID(str(storefront.organization_id)),
        organization_name=storefront.name,
        link_name=branding.link_name,
        monthly_cost=None if branding.monthly_cost is None else float(branding.monthly_cost),
        self_sign_up_profile_fields=branding.self_sign_up_profile_fields,
        **plain,
    )
