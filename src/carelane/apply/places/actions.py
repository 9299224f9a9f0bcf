"""Locations and taxes of an organization file: compared with what is there, and written where they differ."""

from decimal import Decimal
from uuid import UUID

from carelane.apply import rows
from carelane.apply.changes import Change, compare, differing
from carelane.apply.places import queries
from carelane.apply.places.queries import LocationRow, TaxRow
from carelane.apply.places.schemas import LocationEntry, TaxEntry, read_percentage
from carelane.kit.db import Connection

_STEP = Decimal("0.000001")


async def apply_places(
    conn: Connection, organization_id: UUID, locations: list[LocationEntry], taxes: list[TaxEntry]
) -> list[Change]:
    """Saves the locations, then the taxes, which name them."""
    existing = await queries.list_locations(conn, organization_id)
    ids = rows.ids_by_name(organization_id, "location", locations, existing)
    wanted = [_location(organization_id, ids[location.name], location) for location in locations]
    await queries.save_locations(conn, differing(wanted, existing))
    changes = compare("location", wanted, existing)
    return changes + await _apply_taxes(conn, organization_id, taxes, ids)


async def _apply_taxes(
    conn: Connection, organization_id: UUID, taxes: list[TaxEntry], location_ids: dict[str, UUID]
) -> list[Change]:
    existing = await queries.list_taxes(conn, organization_id)
    ids = rows.ids_by_name(organization_id, "tax", taxes, existing)
    wanted = [_tax(organization_id, ids[tax.name], tax, location_ids) for tax in taxes]
    await queries.save_taxes(conn, organization_id, differing(wanted, existing))
    return compare("tax", wanted, existing)


def _location(organization_id: UUID, location_id: UUID, wanted: LocationEntry) -> LocationRow:
    return LocationRow(
        organization_id=organization_id,
        id=location_id,
        name=wanted.name,
        is_virtual=wanted.is_virtual,
        address_line1=wanted.address_line1,
        address_line2=wanted.address_line2,
        city=wanted.city,
        state=wanted.state,
        postal_code=None if wanted.postal_code is None else str(wanted.postal_code),
        country=wanted.country,
        timezone=wanted.timezone,
        is_archived=not wanted.is_active,
    )


def _tax(organization_id: UUID, tax_id: UUID, wanted: TaxEntry, location_ids: dict[str, UUID]) -> TaxRow:
    return TaxRow(
        organization_id=organization_id,
        id=tax_id,
        name=wanted.name,
        percentage=(read_percentage(wanted.percentage) or Decimal(0)).quantize(_STEP),
        scope=wanted.scope,
        category_names=wanted.categories,
        is_archived=not wanted.is_active,
        location_ids=sorted({location_ids[name] for name in wanted.locations}),
    )
