"""`carelane demo-data`: the same each time, and complete enough for every page's example."""

import time
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pyotp
import pytest

from carelane.demo.data import demo_data
from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.organizations.access import Gatekeeper
from carelane.pharmacies.queries import lock_drugs, lock_pharmacies
from carelane.services import Services, open_services
from carelane.settings import read_settings
from carelane.staff.queries import find_license, find_member
from tests.contract import CheckedClient
from tests.factories.cases import change_case
from tests.factories.staff import hire
from tests.server import demo_data as printed_demo_data
from tests.server import running_server

CASE_ID = "123e4567-e89b-12d3-a456-426614174000"
_UNDO = (
    "DELETE FROM decision_medications m USING decisions d WHERE d.id = m.decision_id AND d.case_id = %s",
    "DELETE FROM decisions WHERE case_id = %s",
    "UPDATE case_product_requests r SET status = 'PENDING' FROM case_products p WHERE p.id = r.case_product_id AND p.case_id = %s",
    "DELETE FROM case_assignees WHERE case_id = %s",
)
NOWHERE = "http://127.0.0.1:9"
SIMULATED = [f"sim-{name}" for name in ("reject", "slow", "5xx", "drop", "duplicate", "reorder", "partial", "lost")]


class Fresh(NamedTuple):
    """A server of these tests' own: elsewhere the demo's case is ordered for, and codes of its people are used up."""

    demo: dict[str, Any]
    services: Services
    client: CheckedClient

    async def detail(self):
        query = {"caseId": CASE_ID, "includeAttachments": "true"}
        key = {"cv-api-key": self.demo["apiKey"]}
        answer = await self.client.get("/api/v1/customer-case-detail", params=query, headers=key)
        assert answer.status_code == 200
        return answer.json()["caseDetail"]

    async def fetch(self, query):
        async with self.services.db.reading(UUID(self.demo["organizationId"])) as conn:
            return await (await conn.execute(query, (CASE_ID,))).fetchall()


@pytest.fixture(scope="module")
async def fresh(tmp_path_factory, contract):
    # Nobody listens there: no worker of these tests may ask the real gateway about the demo's keys.
    with running_server(tmp_path_factory.mktemp("demo") / "data", gateway_simulator_url=NOWHERE) as server:
        url = EmbeddedPostgres(server.data_dir).application_url
        settings = read_settings({}, data_dir=server.data_dir, database_url=url)
        async with open_services(settings) as services, CheckedClient(contract, base_url=server.url) as client:
            yield Fresh(printed_demo_data(server.data_dir), services, client)


async def test_it_says_the_same_each_time(services, clinic, other_clinic):
    first, second = await demo_data(services), await demo_data(services)

    assert first == second
    assert first["productId"] == "9fc0d0f5-f211-4bf9-b105-485b1f29eb39"
    assert first["bundleId"] == "3b67583d-e17b-44de-8811-bdf520b99425"
    assert (first["pharmacyId"], first["drugId"], first["caseId"]) == ("pharmacy-123", "drug-456", CASE_ID)
    # The other clinic has nobody but a clinician, and no case of its own.
    only_first = {"other", "caseId", "adminId", "adminEmail", "adminPassword", "adminTotpSecret"}
    assert first["other"].keys() == first.keys() - only_first
    assert not set(map(str, first["other"].values())) & {str(value) for value in first.values()}
    actor = await Gatekeeper(services.db, 0).actor_for(first["catalogOnlyKey"], "key", None)
    assert actor.organization_id == UUID(first["organizationId"])
    assert actor.scopes == {"catalog:read"}


async def test_without_a_gateways_simulator_no_clinic_takes_money(demo):
    """Its keys would be told to the real gateway, which does not know them."""
    assert "paying" not in demo


async def test_beside_a_gateways_simulator_a_clinic_takes_money(fresh):
    services = fresh.services
    settings = msgspec.structs.replace(services.settings, gateway_simulator_url=NOWHERE)
    beside = msgspec.structs.replace(services, settings=settings)

    first, second = await demo_data(beside), await demo_data(beside)

    assert first == second
    paying = first["paying"]
    assert paying.keys() - {"gatewayUrl"} >= first["other"].keys()
    assert paying["gatewayUrl"] == NOWHERE
    assert paying["gatewayWebhookPath"] == f"/gateways/stripe/{paying['organizationId']}"
    assert (paying["gatewayTestKey"][:8], paying["gatewayLiveKey"][:8]) == ("sk_test_", "sk_live_")
    accounts = "SELECT provider, is_test, is_active FROM gateway_accounts ORDER BY is_test"
    async with services.db.reading(UUID(paying["organizationId"])) as conn:
        assert await (await conn.execute(accounts)).fetchall() == [("stripe", False, True), ("stripe", True, True)]
    async with services.db.reading(UUID(first["organizationId"])) as conn:
        assert await (await conn.execute(accounts)).fetchall() == []


async def test_the_approved_case_is_made_once_and_left_alone(fresh):
    before = await fresh.detail()
    assert before["status"] == "APPROVED"
    assert before["submitter"]["firstName"] == "Robin"
    assert await demo_data(fresh.services) == fresh.demo
    assert await fresh.detail() == before

    statuses = "SELECT r.status FROM case_product_requests r JOIN case_products p ON p.id = r.case_product_id WHERE p.case_id = %s"
    assert await fresh.fetch(statuses) == [("APPROVED",)]
    told = await fresh.fetch("SELECT type FROM events WHERE case_id = %s ORDER BY case_sequence")
    acts = ["CREATE_CASE", "ADD_CASE_ASSIGNEE", "CHANGE_CASE_STATUS", "ADD_CASE_DECISION", "CHANGE_CASE_STATUS"]
    assert [row[0] for row in told[: len(acts)]] == acts


@pytest.mark.parametrize("stopped_at", ["OPEN", "ASSIGNED", "IN_PROGRESS"])
async def test_a_case_that_was_left_half_way_is_brought_on(fresh, stopped_at):
    """As if the process had been killed between two of the acts; another clinician may have been given the case."""
    organization_id = UUID(fresh.demo["organizationId"])
    other = await hire(fresh.services, organization_id, "Otto", "Holm")
    holder = {"OPEN": None, "ASSIGNED": other, "IN_PROGRESS": UUID(fresh.demo["staffId"])}[stopped_at]
    async with fresh.services.db.transaction(system_actor(organization_id)) as conn:
        for statement in _UNDO:
            await conn.execute(statement, (CASE_ID,))
    values = {"status": stopped_at, "assigned_to_id": holder, "closed_by_id": None}
    values |= {"in_progress_by_id": holder if stopped_at == "IN_PROGRESS" else None}
    await change_case(fresh.services, organization_id, UUID(CASE_ID), **values)

    await demo_data(fresh.services)

    detail = await fresh.detail()
    assert detail["status"] == "APPROVED"
    assert await fresh.fetch("SELECT count(*) FROM decisions WHERE case_id = %s") == [(1,)]


async def test_an_archived_case_is_left_alone(fresh):
    organization_id = UUID(fresh.demo["organizationId"])
    await change_case(fresh.services, organization_id, UUID(CASE_ID), status="OPEN", is_archived=True)
    await demo_data(fresh.services)
    assert await fresh.fetch("SELECT status FROM cases WHERE id = %s") == [("OPEN",)]
    await change_case(fresh.services, organization_id, UUID(CASE_ID), status="APPROVED", is_archived=False)


@pytest.mark.parametrize("who", ["staff", "admin"])
async def test_its_people_can_sign_in(fresh, who):
    demo = fresh.demo
    code = pyotp.TOTP(demo[f"{who}TotpSecret"]).at(int(time.time()))
    body = {"tenant": demo["tenant"], "email": demo[f"{who}Email"], "password": demo[f"{who}Password"], "totp": code}
    answer = await fresh.client.post("/api/staff/sessions", json=body)
    assert answer.status_code == 200
    assert answer.json()["member"]["id"] == demo[f"{who}Id"]


async def test_its_clinician_can_prescribe_in_the_states_of_the_examples(services, demo):
    for found in (demo, demo["other"]):
        organization_id = UUID(found["organizationId"])
        async with services.db.reading(organization_id) as conn:
            member = await find_member(conn, organization_id, UUID(found["staffId"]))
        assert member.role == "CASEWORKER"
        assert len(member.npi) == 10
        for state in ("CA", "NY"):
            assert find_license(member, state, clock.now().date().replace(year=2098))


async def test_its_pharmacies_and_drugs_can_be_ordered_from(services, demo):
    organization_id = UUID(demo["organizationId"])
    async with services.db.transaction(system_actor(organization_id)) as conn:
        pharmacies = (await lock_pharmacies(conn, organization_id, (), ["pharmacy-123", "pharmacy-fhir"])).values()
        drugs = (await lock_drugs(conn, organization_id, (), ["drug-456", "drug-controlled", *SIMULATED])).values()
    adapters = {pharmacy.code: pharmacy.adapter for pharmacy in pharmacies}
    schedules = {drug.code: drug.schedule for drug in drugs}
    assert (adapters["pharmacy-123"], adapters["pharmacy-fhir"]) == ("simulator", "simulator-fhir")
    assert schedules.keys() >= {"drug-456", "drug-controlled", *SIMULATED}
    assert schedules["drug-controlled"] == "II"
    assert {schedules[code] for code in ("drug-456", *SIMULATED)} == {None}


async def test_a_cart_can_be_sold_to_the_patient_of_the_demo_case(fresh):
    demo, headers = fresh.demo, {"API-KEY": fresh.demo["apiKey"], "TENANT": fresh.demo["tenant"]}
    body = {
        "patientId": demo["patientId"],
        "creatorId": demo["creatorId"],
        "items": [{"itemId": demo["itemId"]}, {"packageId": demo["packageId"]}],
    }
    cart = (await fresh.client.post("/billing/cart", json=body, headers=headers)).json()
    assert cart["patient"]["email"] == (await fresh.detail())["submitter"]["email"]
    assert cart["patient"]["primaryLocationId"] == demo["locationId"]
    assert cart["creator"]["id"] == demo["creatorId"]
    # 159.00 and 99.99; the state's tax is raised on items alone, the district's on both.
    assert (cart["subtotal"], cart["taxAmount"]) == (25_899, 1_153 + 219 + 137)
    elsewhere = body | {"patientId": demo["other"]["patientId"]}
    assert (await fresh.client.post("/billing/cart", json=elsewhere, headers=headers)).status_code == 404
