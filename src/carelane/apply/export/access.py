"""The one door to everything of an organization that its file can name, as it stands at one moment."""

from collections.abc import Iterable, Mapping
from typing import TypeVar
from uuid import UUID

import msgspec

from carelane.apply.export.queries import get_record_ids
from carelane.calendar.availability.queries import Availability, find_availability
from carelane.catalog.desk.queries import SoldProduct, find_sold_products
from carelane.catalog.queries import FullBundle, find_bundles
from carelane.forms.catalog.queries import CatalogForm, find_catalog_forms
from carelane.kit.db import Connection
from carelane.kit.phi import DataKey
from carelane.locations.queries import Location, find_locations
from carelane.messages.templates.queries import TemplateRow, list_templates
from carelane.organizations.branding.queries import Branding, find_branding
from carelane.organizations.logos.queries import list_contents
from carelane.organizations.logos.schemas import Use
from carelane.organizations.queries import Credential, Organization, find_organization, list_credentials
from carelane.payments.accounts.queries import GatewayAccount, Terms, get_terms, list_accounts
from carelane.pharmacies.queries import Drug, Pharmacy, find_drugs, find_pharmacies
from carelane.promo_codes.queries import PromoCode, find_promo_codes
from carelane.staff.queries import Member, Secrets, list_members, list_secrets
from carelane.taxes.queries import TaxRow, find_taxes
from carelane.webhooks.endpoints import queries as endpoints
from carelane.webhooks.endpoints.schemas import EndpointOut

RowT = TypeVar("RowT")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An organization as it stands. Lists are in the order the records were made."""

    organization: Organization
    data_key: DataKey
    terms: Terms
    accounts: list[GatewayAccount]
    credentials: list[Credential]
    products: list[SoldProduct]
    forms: list[CatalogForm]
    bundles: list[FullBundle]
    branding: Branding | None
    logos: dict[Use, bytes]
    mail_templates: list[TemplateRow]
    promo_codes: list[PromoCode]
    locations: list[Location]
    taxes: list[TaxRow]
    members: list[Member]
    secrets: dict[UUID, Secrets]
    availability: dict[UUID, Availability]
    pharmacies: list[Pharmacy]
    drugs: list[Drug]
    endpoints: list[EndpointOut]
    endpoint_secrets: dict[UUID, bytes]

    def __repr__(self) -> str:
        return f"Standing({self.organization.tenant}, ***)"


async def read_standing(conn: Connection, owner: UUID, data_key: DataKey) -> Standing:
    """Without a lock: of one moment if the connection is."""
    organization = await find_organization(conn, owner)
    if organization is None:
        raise LookupError("the organization is gone")
    ids = await get_record_ids(conn, owner)
    members = await list_members(conn, owner)
    return Standing(
        organization=organization,
        data_key=data_key,
        terms=await get_terms(conn, owner),
        accounts=await list_accounts(conn, owner),
        credentials=await list_credentials(conn, owner),
        products=_in_order(ids.products, await find_sold_products(conn, owner, ids.products)),
        forms=_in_order(ids.forms, await find_catalog_forms(conn, owner, ids.forms)),
        bundles=_in_order(ids.bundles, await find_bundles(conn, owner, ids.bundles)),
        branding=await find_branding(conn, owner),
        logos=await list_contents(conn, owner),
        mail_templates=await list_templates(conn, owner),
        promo_codes=_in_order(ids.promo_codes, await find_promo_codes(conn, owner, ids.promo_codes)),
        locations=_in_order(ids.locations, await find_locations(conn, owner, ids.locations)),
        taxes=_in_order(ids.taxes, await find_taxes(conn, owner, ids.taxes)),
        members=members,
        secrets=await list_secrets(conn, owner),
        availability=await find_availability(conn, owner, [member.id for member in members]),
        pharmacies=_in_order(ids.pharmacies, await find_pharmacies(conn, owner, ids.pharmacies)),
        drugs=_in_order(ids.drugs, await find_drugs(conn, owner, ids.drugs)),
        endpoints=await endpoints.list_endpoints(conn, owner),
        endpoint_secrets=await endpoints.list_secrets(conn, owner),
    )


def _in_order(ids: Iterable[UUID], rows: Mapping[UUID, RowT]) -> list[RowT]:
    return [rows[one] for one in ids]
