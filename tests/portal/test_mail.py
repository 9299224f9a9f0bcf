"""The mail that tells the clinic of a patient's message; from a real server to a real mail server."""

from uuid import UUID, uuid4

import pytest_asyncio

from tests.factories.rows import insert_row
from tests.own_clinic import make_clinic
from tests.portal.cast import enroll, enter
from tests.quote_sending.world import PUBLIC_URL, running_world, until
from tests.review.people import Desk, employ


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(tmp_path_factory, contract):
    async with running_world(tmp_path_factory.mktemp("portal") / "data", contract) as made:
        yield made


async def mails_to(world, address):
    async def look():
        return [mail for to, mail in world.sink.messages if to == address]

    return await until(look, 40)


async def test_whoever_has_the_case_is_told_and_nothing_of_the_patient(world, tmp_path):
    desk_address = f"{uuid4().hex}@clinic.example"
    clinic = await make_clinic(world.services, tmp_path, notificationEmails=[desk_address])
    here = (world.services, UUID(clinic.organization_id))
    person = await enroll(world.services, clinic, first_name="Zephyrine", last_name="Quill")
    headers = await enter(world.client, world.services, clinic, person)
    known = {"patient_id": person.id, "status": "OPEN", "title": "Plan", "type": "OWN"}
    case_id = await insert_row(*here, "cases", short_id="OWN-MAIL1", **known)

    async def write(text):
        url = f"/api/v1/users/me/cases/{case_id}/messages"
        answer = await world.client.post(url, json={"text": text}, headers=headers)
        assert answer.status_code == 200, answer.text

    # Nobody has the case: those whom the clinic named are told.
    await write("My knee is blue")
    [mail] = await mails_to(world, desk_address)
    address = f"{uuid4().hex}@staff.example"
    ada = await employ(world.services, clinic, "Ada", email=address)
    await Desk(world.client, case_id).done(ada, "start")
    await write("My knee is green")
    [second] = await mails_to(world, address)
    for told in (mail, second):
        text = str(told.get_payload(decode=True), "utf-8")
        assert told["Subject"] == "New message in case OWN-MAIL1"
        assert PUBLIC_URL in text
        whole = told.as_string() + text
        assert not any(word in whole for word in ("knee", "Zephyrine", "Quill", person.email))
    assert len([to for to, _ in world.sink.messages if to == desk_address]) == 1
