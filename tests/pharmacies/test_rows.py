"""Pharmacies and drugs of one clinic, found for that clinic alone; and the adapters that belong to them."""

from uuid import UUID, uuid4

import msgspec
import pytest
import pytest_asyncio

from carelane.kit.http import TargetRefusedError
from carelane.pharmacies import queries
from carelane.pharmacies.adapters.fhir import FhirAdapter
from carelane.pharmacies.adapters.http import HttpAdapter
from carelane.pharmacies.adapters.opening import NoAddressError, open_adapter
from carelane.pharmacies.queries import Pharmacy
from tests.factories.pharmacies import add_pharmacy
from tests.own_clinic import make_clinic
from tests.pharmacies.conftest import SECRET
from tests.pharmacies.prescriptions import PDF, prescription


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def owner(services, tmp_path_factory):
    clinic = await make_clinic(services, tmp_path_factory.mktemp("clinic"))
    return UUID(clinic.organization_id)


async def test_a_pharmacy_is_found_by_id_and_only_for_its_clinic(services, owner, other_clinic):
    pharmacy_id = await add_pharmacy(services, owner, "found", is_active=False)
    other = UUID(other_clinic.organization_id)
    async with services.db.reading(owner) as conn:
        found = await queries.find_pharmacy(conn, owner, pharmacy_id)
        unknown = await queries.find_pharmacy(conn, owner, uuid4())
    async with services.db.reading(other) as conn:
        seen_by_other = await queries.find_pharmacy(conn, owner, pharmacy_id)
    assert (found.id, found.code, found.adapter, found.is_active) == (pharmacy_id, "found", "simulator", False)
    assert (unknown, seen_by_other) == (None, None)


async def test_whose_a_pharmacy_is_can_be_asked_before_that_is_known(services, owner):
    active = await add_pharmacy(services, owner, "active")
    inactive = await add_pharmacy(services, owner, "inactive", is_active=False)
    async with services.db.across() as conn:
        found = [await queries.find_calling_pharmacy(conn, each) for each in (active, inactive, uuid4())]
    assert [pharmacy and (pharmacy.organization_id, pharmacy.id) for pharmacy in found] == [
        (owner, active),
        (owner, inactive),
        None,
    ]


# ---- adapters

ROW = Pharmacy(uuid4(), uuid4(), "pharmacy-123", "Harbor Pharmacy", "http", "http://127.0.0.1:9/rx/", b"", True)


@pytest.mark.parametrize(
    ("adapter", "kind"),
    [("http", HttpAdapter), ("simulator", HttpAdapter), ("fhir", FhirAdapter), ("simulator-fhir", FhirAdapter)],
)
async def test_each_kind_of_pharmacy_has_its_adapter(services, adapter, kind):
    assert type(open_adapter(services, msgspec.structs.replace(ROW, adapter=adapter), SECRET)) is kind


@pytest.mark.parametrize("adapter", ["http", "fhir"])
async def test_a_pharmacy_on_a_private_address_is_not_reached(services, adapter):
    with pytest.raises(TargetRefusedError):
        await open_adapter(services, msgspec.structs.replace(ROW, adapter=adapter), SECRET).status(uuid4(), None)


@pytest.mark.parametrize("adapter", ["simulator", "simulator-fhir"])
async def test_the_simulator_is_reached_where_the_settings_say_it_is(services, simulator_url, adapter):
    settings = msgspec.structs.replace(services.settings, pharmacy_simulator_url=simulator_url + "/")
    row = msgspec.structs.replace(ROW, adapter=adapter, url=None)
    opened = open_adapter(msgspec.structs.replace(services, settings=settings), row, SECRET)
    rx = prescription("hold")
    await opened.new_rx(rx, PDF, None)
    assert (await opened.status(rx.external_id, None)).pharmacy_order_id


async def test_a_simulator_without_an_address_is_said_to_have_none(services):
    settings = msgspec.structs.replace(services.settings, pharmacy_simulator_url=None)
    with pytest.raises(NoAddressError, match="CARELANE_PHARMACY_SIMULATOR_URL"):
        open_adapter(
            msgspec.structs.replace(services, settings=settings), msgspec.structs.replace(ROW, adapter="simulator"), b""
        )
