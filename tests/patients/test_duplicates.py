"""Records that may be of one person are found by what identifies people, and made one."""

import asyncio
from uuid import UUID

from carelane.kit.auth import new_secret, system_actor
from carelane.kit.ids import record_id
from carelane.patients.merging.queries import lock_making_of_carts
from tests.own_clinic import make_clinic
from tests.patients.conftest import new_email, places
from tests.quote_sending.world import until

BORN = {"dateOfBirth": "1990-05-15"}


def found(groups):
    return [(group["field"], [one["id"] for one in group["patients"]]) for group in groups]


async def test_the_same_name_and_birth_date_address_or_number_is_found(create, good):
    email = new_email()
    jane = await create(id="p1", firstName="Jane", lastName="O'Brien", phoneNumber="+12125550100", **BORN)
    twin = await create(id="p2", firstName=" JANE", lastName="O\u2019Brien", **BORN)
    call = await create(id="p3", firstName="Joan", phoneNumber="(212) 555-0100")
    first = await create(id="p4", firstName="Eve", lastName="Stone", email=email, **BORN)
    second = await create(id="p5", firstName="Abe", lastName="Wood", email=email.upper(), dateOfBirth="1960-01-01")
    await create(id="p6", firstName="Jane", lastName="O'Brien", dateOfBirth="1990-05-16")
    await create(id="p7", firstName="Jane", lastName="O'Brien")
    by_name, by_email = ("name", [jane["id"], twin["id"]]), ("email", [first["id"], second["id"]])
    by_phone = ("phoneNumber", [jane["id"], call["id"]])
    groups = await good("GET", "/find-duplicates")
    assert found(groups) == [by_name, by_email, by_phone]
    assert groups[0]["patients"][0] == jane
    for fields, expected in (
        ("phone_number", [by_phone]),
        ("email,name", [by_email, by_name]),
        ("", [by_name, by_email, by_phone]),
    ):
        assert found(await good("GET", "/find-duplicates", params={"fields": fields})) == expected
    await good("POST", "/archive", {"patientIds": [twin["id"], call["id"], second["id"]]})
    assert found(await good("GET", "/find-duplicates")) == []


async def test_an_old_record_is_found_by_a_new_one(create, good, rows):
    """Only the newest are looked from: others need an old and a new record of somebody."""
    await create(id="old", firstName="Ida", lastName="Low", **BORN)
    for _ in range(3):
        await rows(
            "INSERT INTO patients (organization_id, id, first_name, last_name, first_name_key, last_name_key) "
            "SELECT %s, gen_random_uuid(), 'F' || n, 'L', 'f' || n, 'l' FROM generate_series(1, 400) n RETURNING id"
        )
    assert found(await good("GET", "/find-duplicates")) == []
    await create(id="new", firstName="Ida", lastName="Low", **BORN)
    assert found(await good("GET", "/find-duplicates")) == [("name", ["old", "new"])]


async def test_a_field_that_is_not_known_is_named(ask):
    answer = await ask("GET", "/find-duplicates", params={"fields": "name,shoe"})
    assert places(answer) == [["query", "fields"]]
    assert "name, email, phoneNumber" in answer.json()["detail"][0]["msg"]


async def test_doubles_are_merged(create, good, rows):
    kept = await create(id="kept", firstName="Ada", **BORN)
    for name in ("double-1", "double-2"):
        await create(id=name, firstName="Ada", **BORN)
    body = [{"patientId": "kept", "duplicateIds": ["double-1", "double-2"]}]
    assert await good("POST", "/merge-duplicates", body) == [kept]
    for name in ("double-1", "double-2"):
        assert (await good("GET", f"/{name}"))["id"] == "kept"
    assert found(await good("GET", "/find-duplicates")) == []
    merges = await rows("SELECT value_after FROM events WHERE organization_id = %s AND type = 'PATIENT_MERGED'")
    assert sorted(merges) == [("double-1",), ("double-2",)]


async def test_all_are_merged_or_none(create, ask, good):
    for name in ("a", "b", "c"):
        await create(id=name, firstName="Ada")
    body = [{"patientId": "a", "duplicateIds": ["b"]}, {"patientId": "c", "duplicateIds": ["nobody"]}]
    answer = await ask("POST", "/merge-duplicates", body)
    assert (answer.status_code, answer.json()) == (404, {"detail": "no patient nobody here"})
    assert (await good("GET", "/b"))["id"] == "b"
    await good("POST", "/archive", {"patientIds": ["c"]})
    refused = await ask("POST", "/merge-duplicates", [{"patientId": "c", "duplicateIds": ["b"]}])
    assert refused.status_code == 409


async def test_every_fault_of_a_merge_is_named(ask):
    assert places(await ask("POST", "/merge-duplicates", [{"patientId": "", "duplicateIds": []}])) == [
        ["body", 0, "patientId"],
        ["body", 0, "duplicateIds"],
    ]
    twice = [{"patientId": "a", "duplicateIds": ["b", "b"]}, {"patientId": "c", "duplicateIds": ["a"]}]
    assert places(await ask("POST", "/merge-duplicates", twice)) == [
        ["body", 0, "duplicateIds", 1],
        ["body", 1, "duplicateIds", 0],
    ]
    assert (await ask("POST", "/merge-duplicates", [])).status_code == 422


async def test_two_who_merge_the_same_at_once_merge_it_once(create, ask, good):
    for name in ("a", "b", "c"):
        await create(id=name, firstName="Ada")
    answers = await asyncio.gather(
        ask("POST", "/merge-duplicates", [{"patientId": "a", "duplicateIds": ["b", "c"]}]),
        ask("POST", "/merge-duplicates", [{"patientId": "c", "duplicateIds": ["a", "b"]}]),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len({(await good("GET", f"/{name}"))["id"] for name in ("a", "b", "c")}) == 1


async def test_a_merge_that_is_sent_again_is_done_once(create, ask):
    for name in ("a", "b"):
        await create(id=name, firstName="Ada")
    body = [{"patientId": "a", "duplicateIds": ["b"]}]
    answers = [await ask("POST", "/merge-duplicates", body, headers={"Idempotency-Key": "merge-1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()


async def test_a_key_that_may_only_write_merges_nobody(client, services, tmp_path):
    secret = new_secret("cvk")
    scopes = ["patients:read", "patients:write"]
    clinic = await make_clinic(
        services, tmp_path, parts={"keys": [{"name": "Desk", "scopes": scopes, "secret": secret}]}
    )
    headers = clinic.billing | {"API-KEY": secret}
    for name in ("a", "b"):
        made = await client.post("/user/patient/create", json={"id": name, "firstName": "Ada"}, headers=headers)
        assert made.status_code == 200, made.text
    body = [{"patientId": "a", "duplicateIds": ["b"]}]
    refused = await client.post("/user/patient/merge-duplicates", json=body, headers=headers)
    assert refused.status_code == 403
    assert "patients:merge" in refused.text
    assert (await client.get("/user/patient/b", headers=headers)).json()["id"] == "b"


async def test_callers_who_name_the_same_in_other_pairs_do_not_wait_in_a_ring(create, ask, here, services):
    """The first has merged one pair and is on its way to the next, when the second wants one of each."""
    organization_id = UUID(here.organization_id)
    names = sorted("abcd", key=lambda name: record_id(organization_id, name))
    for name in names:
        await create(id=name, firstName="Ada")
    a, b, c, z = names
    async with services.db.transaction(system_actor(organization_id)) as conn:
        await lock_making_of_carts(conn, organization_id, record_id(organization_id, z))
        await (await conn.execute("SELECT")).fetchone()
        pairs = [{"patientId": a, "duplicateIds": [z]}, {"patientId": b, "duplicateIds": [c]}]
        first = asyncio.create_task(ask("POST", "/merge-duplicates", pairs))
        waiting = await until_blocked(services, organization_id, conn.info.backend_pid)
        second = asyncio.create_task(ask("POST", "/merge-duplicates", [{"patientId": b, "duplicateIds": [z]}]))
        await until_blocked(services, organization_id, waiting)
    assert [(await first).status_code, (await second).status_code] == [200, 409]


async def until_blocked(services, organization_id, by):
    """The process of whoever waits for that one."""

    async def there():
        async with services.db.reading(organization_id) as conn:
            blocked = "SELECT pid FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
            return await (await conn.execute(blocked, (by,))).fetchone()

    return (await until(there))[0]
