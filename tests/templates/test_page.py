"""The page of templates, over HTTP without script."""

import re
from uuid import UUID, uuid4

import httpx
import pytest

from carelane.sessions.access import COOKIE
from tests.console.world import sign_in
from tests.own_clinic import make_clinic

PATH = "/console/templates"


@pytest.fixture
async def harbor(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def visit(services, server, harbor):
    """Somebody of the clinic, by role: how they get a page, and how they send a form."""
    opened = []

    async def enter(role):
        member = await sign_in(services, harbor, role)
        headers = {"Cookie": f"{COOKIE.name}={member.token}", "Sec-Fetch-Site": "same-origin"}
        client = httpx.AsyncClient(base_url=server.url, headers=headers, timeout=30)
        opened.append(client)

        async def send(path, **fields):
            return await client.post(f"{PATH}/{path}", data={"form_token": member.form_token} | fields)

        return client, send

    yield enter
    for client in opened:
        await client.aclose()


def decision_of(name, /, **more):
    return {
        "kind": "DECISION", "scope": "MINE", "name": name, "content.text": "Dear {firstName}", "content.outcome": "APPROVED",
        "content.validDays": "90", "content.medInfo[0].medicine": "Zephyrol", "content.medInfo[0].refillCount": "2",
    } | more  # fmt: skip


async def id_of(client, name):
    found = await client.get(PATH, params={"q": name})
    assert name in found.text
    return re.search(rf'href="{PATH}/([0-9a-f-]{{36}})"', found.text)[1]


async def test_a_template_is_made_found_changed_and_removed(visit, harbor):
    client, send = await visit("CASEWORKER")
    name = f"Keep {uuid4()}"
    assert (await send("new/make", **decision_of(name))).headers["Location"] == f"{PATH}?done=made"
    template_id = await id_of(client, name)
    assert name in (await client.get(PATH, params={"q": "zephyrol", "kind": "DECISION"})).text
    assert name not in (await client.get(PATH, params={"kind": "REPLY"})).text
    page = (await client.get(f"{PATH}/{template_id}")).text
    for value in ('value="Zephyrol"', 'value="90"', "Dear {firstName}"):
        assert value in page
    changed = await send(f"{template_id}/change", **decision_of(name, **{"content.medInfo[0].medicine": "Borealin"}))
    assert changed.headers["Location"] == f"{PATH}?done=changed"
    assert 'value="Borealin"' in (await client.get(f"{PATH}/{template_id}")).text
    assert (await send(f"{template_id}/remove")).status_code == 303
    assert (await client.get(f"{PATH}/{template_id}")).status_code == 404
    assert name not in (await client.get(PATH)).text


async def test_it_is_previewed_with_its_variables_and_not_saved(visit):
    client, send = await visit("CASEWORKER")
    name = f"Look {uuid4()}"
    shown = await send("new/make", act="preview", **decision_of(name))
    assert shown.status_code == 200
    assert "Dear Marisol" in shown.text
    assert "Zephyrol" in shown.text
    more = await send("new/make", act="add", **decision_of(name))
    assert 'name="content.medInfo[1].medicine"' in more.text
    assert name in more.text
    assert name not in (await client.get(PATH)).text


async def test_what_is_wrong_stands_at_its_field(visit):
    _client, send = await visit("CASEWORKER")
    wrong = {"name": " ", "content.text": "Dear {nobody}", "content.validDays": "0"}
    for field, text in wrong.items():
        answer = await send("new/make", **decision_of("x", **{field: text}))
        assert (answer.status_code, f'id="e-{field}"' in answer.text) == (422, True), field
        assert 'value="Zephyrol"' in answer.text
    name = f"Twice {uuid4()}"
    await send("new/make", **decision_of(name))
    answer = await send("new/make", **decision_of(name))
    assert (answer.status_code, "no other template" in answer.text) == (409, True)


async def test_the_clinics_are_changed_by_who_manages_them_and_seen_by_all(visit):
    manager, managed = await visit("CASEMANAGER")
    name = f"All {uuid4()}"
    assert (await managed("new/make", **decision_of(name, scope="CLINIC"))).status_code == 303
    template_id = await id_of(manager, name)
    clinician, send = await visit("CASEWORKER")
    page = (await clinician.get(f"{PATH}/{template_id}")).text
    assert f"{template_id}/remove" not in page
    assert 'value="save"' not in page
    assert (await send(f"{template_id}/change", **decision_of(name, scope="CLINIC"))).status_code == 403
    assert (await send(f"{template_id}/remove")).status_code == 403
    # One's own is nobody else's.
    await send("new/make", **decision_of(f"Mine {name}"))
    assert f"Mine {name}" not in (await manager.get(PATH)).text


async def test_many_come_page_by_page(visit, services, harbor):
    client, send = await visit("CASEWORKER")
    for number in range(52):
        await send("new/make", kind="REPLY", scope="MINE", name=f"Reply {number:02}", **{"content.text": "x"})
    first = (await client.get(PATH)).text
    assert ("Reply 49" in first, "Reply 50" in first) == (True, False)
    assert "Reply 51" in (await client.get(PATH, params={"from": "50"})).text
    assert UUID(harbor.organization_id)
