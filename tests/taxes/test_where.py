"""Where a tax is raised: `taxes_at`, which carts and quotes ask."""

from uuid import UUID

import msgspec
import pytest

from carelane.taxes import queries
from carelane.taxes.schemas import Tax
from tests.factories.rows import insert_link, insert_row


@pytest.fixture
async def taxes_at(services, office):
    organization_id = UUID(office.organization_id)

    async def find(location_id):
        async with services.db.reading(organization_id) as conn:
            cursor = await conn.execute(
                "SELECT " + queries.taxes_at("%(location_id)s::uuid") + "::text",
                {"organization_id": organization_id, "location_id": location_id},
            )
            row = await cursor.fetchone()
        return msgspec.json.decode(row[0], type=list[Tax])

    return find


@pytest.fixture
async def raised(services, office):
    """A tax of 1 % at these locations; at none means everywhere."""
    organization_id = UUID(office.organization_id)

    async def add(*location_ids, **values):
        tax_id = await insert_row(services, organization_id, "taxes", **({"name": "T", "percentage": "1.5"} | values))
        for location_id in location_ids:
            await insert_link(services, organization_id, "tax_locations", tax_id=tax_id, location_id=location_id)
        return tax_id

    return add


async def test_a_tax_is_raised_at_its_locations_and_one_without_any_everywhere(services, office, raised, taxes_at):
    here = UUID(office.location_id)
    there = await insert_row(services, UUID(office.organization_id), "locations", name="There")
    everywhere = await raised()
    only_here = await raised(here)
    both = await raised(here, there)
    assert [tax.id for tax in await taxes_at(here)] == [everywhere, only_here, both]
    assert [tax.id for tax in await taxes_at(there)] == [everywhere, both]
    assert [tax.id for tax in await taxes_at(None)] == [everywhere]


async def test_an_archived_tax_is_raised_nowhere(office, raised, taxes_at):
    await raised(archived_at="2026-01-01T00:00:00Z")
    assert await taxes_at(UUID(office.location_id)) == []


async def test_a_percentage_arrives_to_the_last_decimal(raised, taxes_at):
    await raised(percentage="33.333333", scope="SPECIFIC_CATEGORIES", category_names=["Lasers"])
    (tax,) = await taxes_at(None)
    assert (str(tax.percentage), tax.scope, tax.category_names) == ("33.333333", "SPECIFIC_CATEGORIES", ["Lasers"])


async def test_another_clinics_taxes_are_not_raised_here(services, other_clinic, taxes_at):
    await insert_row(services, UUID(other_clinic.organization_id), "taxes", name="Theirs", percentage=1)
    assert await taxes_at(None) == []
