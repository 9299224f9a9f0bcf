"""Locations and taxes of a file: compared with what is there, and handed to their own actions."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

import msgspec

from carelane.apply.places.schemas import LocationEntry, TaxEntry, read_percentage
from carelane.apply.states import Comparison
from carelane.apply.views import Change
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.locations.actions import save_locations
from carelane.locations.queries import Location, lock_locations
from carelane.permissions import CATALOG_WRITE, requires
from carelane.taxes.actions import save_taxes
from carelane.taxes.queries import TaxRow, lock_taxes

Ids = Mapping[str, UUID]
# As the database keeps percentages.
_STEP = Decimal("0.000001")


@requires(CATALOG_WRITE)
async def apply_places(
    conn: Connection, actor: Actor, locations: list[LocationEntry], taxes: list[TaxEntry], comparison: Comparison
) -> tuple[list[Change], Ids]:
    """The locations, then the taxes, which name them. Also the ids of the file's taxes by name."""
    there = await lock_locations(conn, actor.organization_id, *comparison.candidates("location", locations))
    ids = comparison.ids_of("location", locations, there)
    wanted = [_location(ids[entry.name], entry) for entry in locations]
    rows, changes = comparison.merge_rows("location", wanted, there)
    await save_locations(conn, actor, rows)
    tax_changes, tax_ids = await _apply_taxes(conn, actor, taxes, ids, comparison)
    return changes + tax_changes, tax_ids


async def _apply_taxes(
    conn: Connection, actor: Actor, entries: list[TaxEntry], location_ids: Ids, comparison: Comparison
) -> tuple[list[Change], Ids]:
    there = await lock_taxes(conn, actor.organization_id, *comparison.candidates("tax", entries))
    ids = comparison.ids_of("tax", entries, there)
    wanted = [_tax(ids[entry.name], entry, location_ids) for entry in entries]
    rows, changes = comparison.merge_rows("tax", wanted, there)
    await save_taxes(conn, actor, rows)
    return changes, ids


def _location(location_id: UUID, entry: LocationEntry) -> Location:
    own = {"id": location_id, "postal_code": None if entry.postal_code is None else str(entry.postal_code)}
    return Location(**(msgspec.structs.asdict(entry) | own))


def _tax(tax_id: UUID, entry: TaxEntry, location_ids: Ids) -> TaxRow:
    return TaxRow(
        id=tax_id,
        name=entry.name,
        percentage=(read_percentage(entry.percentage) or Decimal(0)).quantize(_STEP),
        scope=entry.scope,
        category_names=entry.categories,
        location_ids=sorted({location_ids[name] for name in entry.locations}),
        is_active=entry.is_active,
    )
