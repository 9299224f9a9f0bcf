"""The settings where they once went wrong: each test is of one such case."""

import asyncio
import json
from uuid import UUID

import pytest
from msgspec.structs import replace

from carelane.apply.actions import apply_file
from carelane.clinic.people import queries as people
from carelane.clinic.people.actions import deactivate_member
from carelane.kit.auth import Actor, system_actor
from carelane.permissions import OF_ROLE
from carelane.pharmacies.queries import SECRET
from carelane.staff.actions import save_members
from carelane.staff.queries import lock_members
from tests.factories.accounts import bearer, open_account, sign_in
from tests.factories.cases import case_body, change_case
from tests.factories.rows import insert_row
from tests.own_clinic import make_clinic
from tests.quote_sending.world import until
from tests.review.people import employ

API = "/api/staff/settings"


@pytest.fixture
async def own(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def admin(services, own):
    return await employ(services, own, "Ada", role="ADMIN")


async def change(client, admin, path, **body):
    answer = await client.put(f"{API}/{path}", json=body, headers=admin.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def rows(services, own, statement):
    async with services.db.reading(UUID(own.organization_id)) as conn:
        return await (await conn.execute(statement)).fetchall()


async def test_another_role_takes_another_sign_in(services, own, client, admin):
    account = await open_account(services, own, role="SUPPORT")
    headers = await bearer(services, account.organization_id, account.id)
    path, names = f"members/{account.id}", {"firstName": "Vera", "lastName": "Lund"}
    await change(client, admin, path, **names, role="SUPPORT", title="Dr.")
    assert (await client.get("/api/staff/me", headers=headers)).status_code == 200

    await change(client, admin, path, **names, role="CASEMANAGER")
    assert (await client.get("/api/staff/me", headers=headers)).status_code == 401
    # And that takes a second factor now.
    assert (await sign_in(client, account)).status_code == 401


async def test_whoever_is_deactivated_by_the_file_comes_back_with_nothing(services, own, client):
    account = await open_account(services, own)
    headers = await bearer(services, account.organization_id, account.id)
    device = {"staff_id": account.id, "token_digest": b"known"}
    await insert_row(services, account.organization_id, "staff_devices", **device)
    system = system_actor(account.organization_id)
    async with services.db.transaction(system) as conn:
        [there] = await lock_members(conn, account.organization_id, [account.id])
        for is_deactivated in (True, False):
            await save_members(conn, system, [replace(there, is_deactivated=is_deactivated)])

    assert (await client.get("/api/staff/me", headers=headers)).status_code == 401
    assert await rows(services, own, "SELECT FROM staff_devices") == []
    assert (await sign_in(client, account)).status_code == 200


async def test_an_administrator_who_cannot_sign_in_is_none_that_is_left(services, own, client):
    own_id = UUID(own.organization_id)
    account = await open_account(services, own, role="ADMIN")
    headers = await bearer(services, own_id, account.id)
    # Invited: no password is chosen yet.
    await employ(services, own, "Nora", role="ADMIN")
    gone = await client.post(f"{API}/members/{account.id}/deactivate", headers=headers)
    assert (gone.status_code, "the last administrator" in gone.text) == (422, True)

    await open_account(services, own, role="ADMIN")
    assert (await client.post(f"{API}/members/{account.id}/deactivate", headers=headers)).status_code == 200


BOX = {"name": "Box", "code": "box", "adapter": "http", "url": "https://box.example/rx"}


async def make_pharmacy(client, admin, **body):
    answer = await client.post(f"{API}/pharmacies", json=BOX | body, headers=admin.headers)
    return answer.json()


async def secret_of(services, own, pharmacy_id):
    ((sealed,),) = await rows(services, own, "SELECT secret_sealed FROM pharmacies")
    key = await services.keyring.data_key(UUID(own.organization_id))
    return key.open(bytes(sealed), SECRET, UUID(pharmacy_id)).decode()


async def test_a_pharmacy_that_was_a_simulator_gets_a_secret_of_its_own(services, own, client, admin):
    made = await make_pharmacy(client, admin, adapter="simulator", url=None)
    assert made["secret"] is None

    changed = await change(client, admin, f"pharmacies/{made['id']}", **BOX)

    assert changed["secret"].startswith("cvp_")
    assert await secret_of(services, own, made["id"]) == changed["secret"]
    # What has one keeps it, and it is not shown again.
    assert (await change(client, admin, f"pharmacies/{made['id']}", **BOX))["secret"] is None
    assert await secret_of(services, own, made["id"]) == changed["secret"]


WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted"


async def test_another_secret_writes_nothing_back_that_changed_meanwhile(services, own, client, admin):
    made, own_id = await make_pharmacy(client, admin), UUID(own.organization_id)
    async with services.db.transaction(system_actor(own_id)) as conn:
        moved = "UPDATE pharmacies SET url = 'https://new.example/rx', is_active = false RETURNING id"
        # Fetched, because what nobody waits for is not sent at once.
        await (await conn.execute(moved)).fetchall()
        path = f"{API}/pharmacies/{made['id']}/rotate"
        rotating = asyncio.create_task(client.post(path, headers=admin.headers))

        async def is_waiting():
            # Asked in a transaction of its own: within one, what others wait for is read once.
            return await rows(services, own, WAITING)

        await until(is_waiting)
    assert (await rotating).status_code == 200
    assert await rows(services, own, "SELECT url, is_active FROM pharmacies") == [("https://new.example/rx", False)]


async def test_the_webhook_secret_before_is_forgotten_when_a_new_one_is_sent_with_it(client, admin):
    path, first, second = "gateway-accounts/test", "whsec_first", "whsec_second"
    await change(client, admin, path, secretKey="sk_test_1", webhookSecret=first)
    kept = await change(client, admin, path, webhookSecret=second)
    assert kept["hasPreviousWebhookSecret"] is True
    forgot = await change(client, admin, path, webhookSecret=first, previousWebhookSecret=None)
    assert forgot["hasPreviousWebhookSecret"] is False


async def test_all_cases_of_who_leaves_are_open_again(services, own, client, admin, monkeypatch):
    """However many they are: each transaction takes back some."""
    nora, own_id = await employ(services, own, "Nora"), UUID(own.organization_id)
    for _ in range(5):
        made = await client.post("/api/v1/cases", json=case_body(own.product_id), headers=own.key)
        await change_case(
            services, own_id, UUID(made.json()["data"]["caseId"]), status="ASSIGNED", assigned_to_id=nora.id
        )
    monkeypatch.setattr(people, "MAX_CASES", 2)

    actor = Actor(own_id, "staff", admin.id, OF_ROLE["ADMIN"])

    gone = await deactivate_member(services, actor, str(nora.id), None)

    assert gone.unassigned_cases == 5
    assert await rows(services, own, "SELECT DISTINCT status, assigned_to_id FROM cases") == [("OPEN", None)]


async def test_cases_of_whom_the_file_deactivates_are_open_again(services, own, client, tmp_path, monkeypatch):
    """As if it were done on the page. What was left, because the server stopped amid them, is taken back by the next apply."""
    path, own_id = tmp_path / f"{own.tenant}.yaml", UUID(own.organization_id)
    member = {"email": f"nora@{own.tenant}.example", "firstName": "Nora", "lastName": "Vale", "role": "CASEWORKER"}

    async def apply(is_dry=False, **changes):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"staff": [member | changes]}))
        await apply_file(services, path, is_dry, {}, invites=False)

    await apply()
    ((nora_id,),) = await rows(services, own, "SELECT id FROM staff WHERE first_name = 'Nora'")
    ids = []
    for _ in range(5):
        made = await client.post("/api/v1/cases", json=case_body(own.product_id), headers=own.key)
        ids.append(UUID(made.json()["data"]["caseId"]))
        await change_case(services, own_id, ids[-1], status="ASSIGNED", assigned_to_id=nora_id)
    monkeypatch.setattr(people, "MAX_CASES", 2)
    of_cases = "SELECT DISTINCT status, assigned_to_id FROM cases"

    await apply(is_dry=True, isActive=False)
    assert await rows(services, own, of_cases) == [("ASSIGNED", nora_id)]
    await apply(isActive=False)
    assert await rows(services, own, of_cases) == [("OPEN", None)]

    await change_case(services, own_id, ids[0], status="IN_PROGRESS", assigned_to_id=nora_id)
    await apply(isActive=False)
    assert await rows(services, own, of_cases) == [("OPEN", None)]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ("organization: &a {tenant: moss, name: Moss, casePrefix: MOS}\nbundles: [*a]\n", "line 2"),
        ("organizations:\n- organization: {tenant: moss, name: Moss, casePrefix: MOS}\n", "organizations"),
    ],
)
async def test_a_file_that_is_sent_is_one_clinic_written_out(client, admin, sent, field):
    """A few kilobytes of aliases are gigabytes when they are read."""
    answer = await client.post(f"{API}/organization-file/check", json={"file": sent}, headers=admin.headers)
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json()["errors"]] == [field]
