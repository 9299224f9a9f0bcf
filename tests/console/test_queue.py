"""The queue's page: what it shows and does, over HTTP."""

import re
from uuid import UUID

import pytest

from carelane.sessions.access import COOKIE
from tests.console.world import sign_in
from tests.detail.asking import create_case
from tests.factories.cases import case_body
from tests.own_clinic import make_clinic
from tests.review.people import Desk, employ

URL = "/console/queue"


@pytest.fixture
async def quay(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def amara(services, quay):
    return await sign_in(services, quay, "CASEWORKER")


@pytest.fixture
async def cases(client, quay):
    ohio = case_body(quay.product_id)
    ohio["user"]["shippingAddress"] |= {"state": "OH", "postalCode": "43004"}
    bodies = [*(case_body(quay.product_id) for _ in range(2)), ohio]
    return [Desk(client, await create_case(client, quay, body)) for body in bodies]


@pytest.fixture
def page(client, amara):
    async def get(query="", path=URL):
        answer = await client.get(f"{path}{query}", cookies={COOKIE.name: amara.token})
        assert answer.status_code == 200, answer.text[:500]
        return answer.text

    return get


@pytest.fixture
def send(client, amara):
    async def post(to, **fields):
        return await client.post(
            f"{URL}/{to}",
            data={"form_token": amara.form_token, **fields},
            cookies={COOKIE.name: amara.token},
            headers={"sec-fetch-site": "same-origin"},
        )

    return post


def rows(html):
    return re.findall(r'data-row="([^"]+)"', html)


def ids_of(*cases):
    return [str(one.case_id) for one in cases]


async def test_what_fits_is_shown_first_and_filters_are_the_address(page, cases):
    assert rows(await page()) == ids_of(*cases[:2])
    assert rows(await page("?assignedTo=anyone")) == ids_of(*cases)
    assert rows(await page("?state=OH&product=&status=")) == ids_of(cases[2])
    assert "You have no case" in await page("?assignedTo=me")
    assert rows(await page("?assignedTo=anyone", f"{URL}/rows")) == ids_of(*cases)
    assert "Today" in (await page()) or "Later" in (await page())


async def test_a_filter_that_is_none_is_a_page_that_says_so(client, amara):
    answer = await client.get(f"{URL}?assignedTo=Eve", cookies={COOKIE.name: amara.token})
    assert answer.status_code == 400
    assert "cannot be read" in answer.text
    assert '<span class="id">assignedTo</span>: expected' in answer.text


@pytest.mark.parametrize("path", [URL, f"{URL}/rows"])
async def test_a_filter_of_no_such_name_is_refused_with_those_there_are(client, amara, path):
    answer = await client.get(f"{path}?assigned=me", cookies={COOKIE.name: amara.token})
    assert answer.status_code == 400
    assert (
        '<span class="id">assigned</span>: there is no filter of that name; expected status, assignedTo,' in answer.text
    )


async def test_a_filter_that_is_sent_twice_is_refused(client, amara):
    twice = await client.get(f"{URL}?state=NY&state=OH", cookies={COOKIE.name: amara.token})
    assert (twice.status_code, '<span class="id">state</span>: expected once' in twice.text) == (400, True)
    several = await client.get(f"{URL}?status=OPEN&status=ASSIGNED", cookies={COOKIE.name: amara.token})
    assert several.status_code == 200


async def test_an_empty_list_says_why_and_what_to_do(client, services, quay, send, page, cases):
    oda = await employ(services, quay, "Oda")
    for case in cases[:2]:
        await case.done(oda, "assign", {"staffId": str(oda.id)})
    told = await page()
    assert "Nothing waits for you" in told
    assert re.findall(r'class="amount"><a[^>]+>([0-9]+)<', told) == ["1", "2"]
    assert "you have no license that is good today" in told
    filtered = await page("?state=CA&assignedTo=none&isEscalated=true")
    said = re.search(r"none-h\">.*?<p>(.*?)</p>", filtered)[1]
    assert said == "Assigned to: Nobody · Marked for a second look · Patient lives in: CA"
    assert "See everyone&#39;s, 3" in filtered
    assert "No patient owes an answer" in await page("?awaitingPatient=true")
    for case in cases:
        await send("bulk", take=str(case.case_id))
    assert "Every case is with somebody" in await page("?assignedTo=none")


async def test_acts_lead_back_to_the_same_filters_and_keep_what_was_ticked(send, page, cases):
    taken = await send("bulk", filters="state=NY&assignedTo=none", take=str(cases[0].case_id))
    assert taken.status_code == 303
    assert taken.headers["location"] == f"{URL}?state=NY&assignedTo=none&done=taken"
    assert 'name="filters" value="state=NY"' in await page("?state=NY")
    refused = await send("bulk", filters="assignedTo=anyone", act="ask", caseIds=ids_of(*cases[1:]), dry="1")
    assert refused.status_code == 422
    ticked = re.findall(r'name="caseIds" value="([^"]+)" checked', refused.text)
    assert ticked == ids_of(*cases[1:])


async def test_a_decision_that_can_be_undone_is_shown_and_undone_from_its_row(client, send, amara, quay, page, cases):
    me = {"cookies": {COOKIE.name: amara.token}, "headers": {"sec-fetch-site": "same-origin"}}
    token = {"form_token": amara.form_token}
    case = f"/console/cases/{cases[0].case_id}"
    assert (await client.post(f"{case}/start", data=token, **me)).status_code == 303
    form = token | {"decisions[0].productId": quay.product_id, "decisions[0].outcome": "NO_DECISION"}
    form |= {"decisions[0].decisionText": "Later"}
    decided = await client.post(f"{case}/decide", data=form, **me)
    assert decided.status_code == 303, decided.text[:2000]
    shown = await page("?assignedTo=me")
    assert "undo until" in shown
    assert f'formaction="{case}/undo"' in shown
    assert rows(await page()) == ids_of(cases[1])
    dealt = await send("next")
    assert dealt.headers["location"] == f"/console/cases/{cases[1].case_id}"
    assert (await client.post(f"{case}/undo", data=token | {"act": "assign", "text": ""}, **me)).status_code == 303
    assert "undo until" not in await page("?assignedTo=me")


async def test_next_opens_a_case_and_another_one_for_somebody_else(client, services, quay, send, page, cases):
    other = await employ(services, quay, "Oda")
    dealt = await client.post("/api/staff/cases/next", json={}, headers=other.headers)
    assert dealt.json()["caseId"] == str(cases[0].case_id)
    taken = await send("next")
    assert (taken.status_code, taken.headers["location"]) == (303, f"/console/cases/{cases[1].case_id}")
    assert "Oda Berg looks at it" in await page("?assignedTo=anyone")
    assert rows(await page()) == ids_of(cases[1])


async def test_take_and_bulk_by_dry_run(send, page, cases):
    taken = await send("bulk", take=str(cases[0].case_id))
    assert taken.headers["location"] == f"{URL}?done=taken"
    tried = await send("bulk", act="assign", caseIds=ids_of(*cases), dry="1")
    assert tried.status_code == 200
    assert "2 cases can be done, 1 cannot" in tried.text
    assert "it is assigned to Amara Voss already" in tried.text
    assert rows(await page("?assignedTo=me")) == ids_of(cases[0])
    done = await send("bulk", act="assign", caseIds=ids_of(*cases[1:]), do="true")
    assert done.headers["location"] == f"{URL}?done=done"
    assert rows(await page("?assignedTo=me")) == ids_of(*cases)
    nothing = await send("bulk", act="ask", caseIds=ids_of(*cases), dry="1")
    assert nothing.status_code == 422
    for act in ("assign:x", "burn"):
        assert (await send("bulk", act=act, caseIds=ids_of(*cases))).status_code == 422


async def test_views_are_saved_shown_in_the_rail_and_removed(send, page, cases):
    saved = await send("save", name="Ohio", query="state=OH", scope="ME")
    assert saved.headers["location"] == f"{URL}?state=OH&done=saved"
    html = await page("?state=OH&done=saved")
    assert "The view is saved." in html
    assert html.count(f'href="{URL}?state=OH"') == 2
    assert (await send("save", name="Ohio", query="state=OH", scope="ME")).status_code == 409
    view_id = UUID(re.search(r'name="viewId" value="([^"]+)"', html)[1])
    assert (await send("remove", viewId=str(view_id))).headers["location"] == f"{URL}?done=removed"
    assert (await send("remove", viewId=str(view_id))).status_code == 303


async def test_why_a_case_is_not_there(page, cases):
    html = await page("?assignedTo=anyone")
    short_ids = re.findall(r'class="id">([^<]+)<', html)
    told = await page(f"?why={short_ids[2].lower()}")
    assert f"You do not see {short_ids[2]} here:" in told
    assert "The patient lives in OH. You have licenses for NY." in told
    assert f"{short_ids[0]} is in this list." in await page(f"?why={short_ids[0]}")
    assert "There is no case ZZZ-1." in await page("?why=ZZZ-1")
