"""What a member of staff typed and did not send: saved, found again on another device, and nobody else's."""

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio

from carelane.drafts.actions import discard_draft
from carelane.drafts.jobs import delete_old_drafts
from carelane.drafts.reads import find_saved_at
from carelane.drafts.schemas import parse_name
from carelane.kit.auth import Actor
from carelane.permissions import OF_ROLE
from tests.detail.asking import create_case
from tests.own_clinic import make_clinic
from tests.review.people import employ

DRAFTS = "/api/staff/drafts"
SECRET = "Ask her about the Quillfeather pain"

session = pytest_asyncio.fixture(scope="session", loop_scope="session")


@session
async def clinic_of_writers(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("writers"))


@session
async def ada(services, clinic_of_writers):
    return await employ(services, clinic_of_writers, "Ada")


@session
async def ben(services, clinic_of_writers):
    return await employ(services, clinic_of_writers, "Ben")


@session
async def stranger(services, tmp_path_factory):
    return await employ(services, await make_clinic(services, tmp_path_factory.mktemp("others")), "Stranger")


@pytest.fixture
async def place(client, clinic_of_writers):
    return f"{DRAFTS}/cases/{await create_case(client, clinic_of_writers)}"


@pytest.fixture
def look(owner_url):
    async def ask(query, *values):
        async with await psycopg.AsyncConnection.connect(owner_url) as conn:
            return await (await conn.execute(query, values)).fetchall()

    return ask


async def save(client, place, person, text, form="reply"):
    return await client.put(f"{place}/{form}", json={"fields": {"text": [text]}}, headers=person.headers)


async def texts(client, place, person):
    answer = await client.get(place, headers=person.headers)
    assert answer.status_code == 200, answer.text
    return {draft["form"]: draft["fields"]["text"] for draft in answer.json()["drafts"]}


async def test_a_draft_is_found_again_and_discarded(client, place, ada):
    assert await texts(client, place, ada) == {}
    for text in ("One", SECRET):
        saved = await save(client, place, ada, text)
        assert saved.status_code == 200, saved.text
    await save(client, place, ada, "Two", form="decision")
    assert await texts(client, place, ada) == {"reply": [SECRET], "decision": ["Two"]}
    gone = await client.delete(f"{place}/reply", headers=ada.headers)
    assert gone.json() == {"wasThere": True}
    again = await client.delete(f"{place}/reply", headers=ada.headers)
    assert again.json() == {"wasThere": False}
    assert await texts(client, place, ada) == {"decision": ["Two"]}


async def test_nobody_else_sees_it(client, place, ada, ben, stranger):
    await save(client, place, ada, SECRET)
    assert await texts(client, place, ben) == {}
    assert await texts(client, place, stranger) == {}
    await client.delete(f"{place}/reply", headers=ben.headers)
    assert await texts(client, place, ada) == {"reply": [SECRET]}


async def test_it_lies_sealed(client, place, ada, look):
    await save(client, place, ada, SECRET)
    ((sealed,),) = await look("SELECT sealed FROM drafts WHERE record_id = %s", place.rpartition("/")[2])
    assert b"Quillfeather" not in bytes(sealed)


async def test_two_windows_at_once_leave_one_of_them(client, place, ada, look):
    answers = await asyncio.gather(*(save(client, place, ada, f"Window {number}") for number in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    kept = await texts(client, place, ada)
    assert kept["reply"][0].startswith("Window")
    assert await look("SELECT count(*) FROM drafts WHERE record_id = %s", place.rpartition("/")[2]) == [(1,)]


async def test_what_another_window_kept_meanwhile_is_not_discarded(client, services, clinic_of_writers, place, ada):
    """One window sends its form, the other comes too late and keeps what it could not send, before the first discards its draft."""
    name = parse_name("cases", place.rpartition("/")[2], "reply")
    ada_herself = Actor(UUID(clinic_of_writers.organization_id), "staff", ada.id, OF_ROLE["CASEWORKER"])
    await save(client, place, ada, "Sent")
    saved_at = await find_saved_at(services, ada_herself, name)
    await save(client, place, ada, SECRET)
    assert not (await discard_draft(services, ada_herself, name, saved_at)).was_there
    assert await texts(client, place, ada) == {"reply": [SECRET]}
    saved_at = await find_saved_at(services, ada_herself, name)
    assert (await discard_draft(services, ada_herself, name, saved_at)).was_there
    assert await texts(client, place, ada) == {}


async def test_the_other_clinic_writes_nothing_there(client, place, stranger, look):
    assert (await save(client, place, stranger, "x")).status_code == 404
    assert await look("SELECT count(*) FROM drafts WHERE record_id = %s", place.rpartition("/")[2]) == [(0,)]


async def test_credentials(client, services, clinic_of_writers, place):
    assert (await client.get(place)).status_code == 401
    wrong = {"Authorization": "Bearer cvt_wrong"}
    assert (await client.put(f"{place}/reply", json={"fields": {}}, headers=wrong)).status_code == 401
    dan = await employ(services, clinic_of_writers, "Dan", role="SUPPORT", npi=None, licenses={})
    for answer in (await client.get(place, headers=dan.headers), await save(client, place, dan, "x")):
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("carts/{id}/reply", "recordKind"),
        ("cases/7/reply", "recordId"),
        ("cases/{id}/Reply", "form"),
        ("cases/{id}/" + "x" * 41, "form"),
    ],
)
async def test_a_name_that_is_none(client, ada, path, field):
    answer = await client.put(
        f"{DRAFTS}/{path.format(id=uuid4())}", json={"fields": {"text": ["x"]}}, headers=ada.headers
    )
    assert answer.status_code == 400
    assert field in answer.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"fields": {"text": "x"}}, 400),
        ({"fields": {"": ["x"]}}, 400),
        ({"fields": {}, "more": 1}, 400),
        ({"fields": {"text": ["a\0b"]}}, 400),
        ({"fields": {"a": ["x" * 99_000], "b": ["x" * 99_000], "c": ["x" * 9_000]}}, 422),
    ],
)
async def test_a_body_that_is_none(client, place, ada, body, status):
    answer = await client.put(f"{place}/reply", json=body, headers=ada.headers)
    assert answer.status_code == status, answer.text
    assert await texts(client, place, ada) == {}


async def test_after_thirty_days_it_is_gone(client, services, place, ada, owner_url):
    await save(client, place, ada, "old", form="old")
    await save(client, place, ada, "new", form="new")
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:
        await conn.execute(
            "UPDATE drafts SET saved_at = now() - interval '31 days' WHERE record_id = %s AND form = 'old'",
            (place.rpartition("/")[2],),
        )
    await delete_old_drafts(services)
    assert await texts(client, place, ada) == {"new": ["new"]}
