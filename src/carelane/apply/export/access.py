"""The one door to everything of an organization that its file can name, as it stands at one moment."""

from collections.abc import Iterable, Mapping
from typing import TypeVar
from uuid import UUID

import msgspec

from carelane.apply.export.queries import get_record_ids
from carelane.apply.queries import lock_organization_file
from carelane.calendar.availability.queries import Availability, lock_availability
from carelane.catalog.queries import FullBundle, Product, lock_bundles, lock_products
from carelane.forms.catalog.queries import CatalogForm, lock_catalog_forms
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.phi import DataKey
from carelane.locations.queries import Location, lock_locations
from carelane.organizations.branding.queries import Branding, lock_branding
from carelane.organizations.queries import Credential, Organization, list_credentials, lock_organization
from carelane.payments.accounts.queries import GatewayAccount, Terms, get_terms, lock_accounts
from carelane.pharmacies.queries import Drug, Pharmacy, lock_drugs, lock_pharmacies
from carelane.promo_codes.queries import PromoCode, lock_promo_codes
from carelane.staff.queries import Member, Secrets, list_members, list_secrets
from carelane.taxes.queries import TaxRow, lock_taxes
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
    products: list[Product]
    forms: list[CatalogForm]
    bundles: list[FullBundle]
    branding: Branding | None
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


async def read_standing(conn: Connection, actor: Actor, data_key: DataKey) -> Standing:
    """In a transaction: what is read stays so until it ends, and no file is applied meanwhile. Locks are taken in the order in
    which applying takes them."""
    owner = actor.organization_id
    await lock_organization_file(conn, owner)
    organization = await lock_organization(conn, owner)
    if organization is None:
        raise LookupError("the organization is gone")
    ids = await get_record_ids(conn, owner)
    accounts = await lock_accounts(conn, owner)
    products = await lock_products(conn, owner, ids.products)
    forms = await lock_catalog_forms(conn, owner, ids.forms)
    bundles = await lock_bundles(conn, owner, ids.bundles)
    branding = await lock_branding(conn, owner)
    promo_codes = await lock_promo_codes(conn, owner, ids.promo_codes)
    locations = await lock_locations(conn, owner, ids.locations)
    taxes = await lock_taxes(conn, owner, ids.taxes)
    members = await list_members(conn, owner)
    availability = await lock_availability(conn, owner, [member.id for member in members])
    pharmacies = await lock_pharmacies(conn, owner, ids.pharmacies)
    drugs = await lock_drugs(conn, owner, ids.drugs)
    return Standing(
        organization=organization,
        data_key=data_key,
        terms=await get_terms(conn, owner),
        accounts=list(accounts.values()),
        credentials=await list_credentials(conn, owner),
        products=_in_order(ids.products, products),
        forms=_in_order(ids.forms, forms),
        bundles=_in_order(ids.bundles, bundles),
        branding=branding,
        promo_codes=_in_order(ids.promo_codes, promo_codes),
        locations=_in_order(ids.locations, locations),
        taxes=_in_order(ids.taxes, taxes),
        members=members,
        secrets=await list_secrets(conn, owner),
        availability=availability,
        pharmacies=_in_order(ids.pharmacies, pharmacies),
        drugs=_in_order(ids.drugs, drugs),
        endpoints=await endpoints.list_endpoints(conn, owner),
        endpoint_secrets=await endpoints.list_secrets(conn, owner),
    )


def _in_order(ids: Iterable[UUID], rows: Mapping[UUID, RowT]) -> list[RowT]:
    """A record that was made since the ids were read is left for the next time."""
    return [rows[one] for one in ids if one in rows]
