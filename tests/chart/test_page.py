"""The page of a case in the console: what it shows, and its forms."""

import base64
import html
import re
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from carelane.sessions.access import COOKIE
from tests.chart.people import PANCREATITIS, products
from tests.console.world import PIXEL, sign_in
from tests.detail.asking import create_case
from tests.factories.cases import case_body

PAGE = "/console/cases"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def amara(services, harbor):
    return await sign_in(services, harbor, "CASEWORKER")


@pytest.fixture
async def browser(server, amara):
    headers = {"Cookie": f"{COOKIE.name}={amara.token}", "Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
async def case_id(client, harbor, email):
    answers = {"pain": True, "allergies": "Penicillin <hives>", "medicines": "Levothyroxine 75 mcg"}
    await create_case(client, harbor, case_body(harbor.product_id, email, products=products(harbor.product_id)))
    body = case_body(
        harbor.product_id, email, products=products(harbor.product_id, **answers, weight="203 lb"), forceCreate=True
    )
    return await create_case(client, harbor, body)


def words(answer):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


async def send(browser, amara, path, files=None, **fields):
    return await browser.post(path, data={"form_token": amara.form_token} | fields, files=files)


async def test_what_stands_out_comes_first(browser, case_id):
    answer = await browser.get(f"{PAGE}/{case_id}")
    assert answer.status_code == 200, answer.text
    told = words(answer)
    for text in (PANCREATITIS, "Penicillin <hives>", "Levothyroxine 75 mcg", "Changed since last time", "214 lb"):
        assert text in told
    places = [answer.text.index(f'id="{part}"') for part in ("flags", "changed", "intake")]
    assert places == sorted(places)
    assert "<hives>" not in answer.text


async def test_the_short_id_leads_there_too(browser, case_id, look):
    ((short_id,),) = await look("SELECT short_id FROM cases WHERE id = %s", case_id)
    assert (await browser.get(f"{PAGE}/{short_id}")).status_code == 200
    assert (await browser.get(f"{PAGE}/NOTHING")).status_code == 404


async def test_nobody_asked_is_not_none(browser, client, harbor, email):
    case_id = await create_case(client, harbor, case_body(harbor.product_id, email))
    assert "nobody was asked" in words(await browser.get(f"{PAGE}/{case_id}"))


async def test_one_view_is_one_read(browser, amara, case_id, look):
    await browser.get(f"{PAGE}/{case_id}")
    query = "SELECT count(*) FROM phi_reads WHERE actor_id = %s AND record_id = %s AND reason = 'page of a case'"
    assert await look(query, amara.id, case_id) == [(1,)]


@pytest.mark.parametrize(
    ("act", "done", "is_restricted", "waits"),
    [("send", "sent", False, False), ("ask", "asked", False, True), ("note", "noted", True, False)],
)
async def test_writing(browser, amara, case_id, look, act, done, is_restricted, waits):
    page = f"{PAGE}/{case_id}"
    answer = await send(browser, amara, f"{page}/reply", act=act, text="Come again\ntomorrow")
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"{page}?done={done}#talk"
    query = "SELECT m.is_restricted, c.asked_patient_at IS NOT NULL FROM comments m JOIN cases c ON c.id = m.case_id WHERE c.id = %s"
    assert await look(query, case_id) == [(is_restricted, waits)]
    assert "Come again tomorrow" in words(await browser.get(page))


async def test_a_form_sent_twice_writes_once(browser, amara, case_id, look):
    for _ in range(2):
        answer = await send(browser, amara, f"{PAGE}/{case_id}/reply", act="send", text="Once", request_key="a" * 32)
        assert answer.status_code == 303
    assert await look("SELECT count(*) FROM comments WHERE case_id = %s", case_id) == [(1,)]


async def test_nothing_typed_is_said_at_the_field(browser, amara, case_id, look):
    answer = await send(browser, amara, f"{PAGE}/{case_id}/reply", act="ask", text="  ")
    assert answer.status_code == 422
    assert 'href="#f-text"' in answer.text
    assert await look("SELECT count(*) FROM comments WHERE case_id = %s", case_id) == [(0,)]


async def test_a_closed_case_takes_no_message_and_keeps_what_was_typed(browser, client, ada, amara, case_id):
    closed = await client.post(f"/api/staff/cases/{case_id}/archive", json={"reason": "RESOLVED"}, headers=ada.headers)
    assert closed.status_code == 200
    answer = await send(browser, amara, f"{PAGE}/{case_id}/reply", act="send", text="Too late for this")
    assert answer.status_code == 409
    assert "archived" in words(answer)
    assert "Too late for this" in answer.text


async def test_a_draft_is_in_the_form_again_until_it_is_sent(browser, amara, case_id):
    page, name = f"{PAGE}/{case_id}", f"cases/{case_id}/reply"
    saved = await send(browser, amara, "/console/drafts", draft=name, text="Half a sente", act="send")
    assert saved.status_code == 200, saved.text
    answer = await browser.get(page)
    assert "Half a sente" in answer.text
    assert "Draft saved" in words(answer)
    await send(browser, amara, f"{page}/reply", act="send", text="A whole sentence")
    answer = await browser.get(page)
    assert "Half a sente</textarea>" not in answer.text
    await send(browser, amara, "/console/drafts", draft=name, text="More")
    await send(browser, amara, "/console/drafts", draft=name, text="")
    assert "More</textarea>" not in (await browser.get(page)).text


@pytest.mark.parametrize(
    "name", ["", "reply", "cases/7/reply", "carts/{id}/reply", "cases/{id}/Reply", "cases/{id}/a/b"]
)
async def test_a_draft_of_nothing(browser, amara, case_id, name):
    answer = await send(browser, amara, "/console/drafts", draft=name.format(id=case_id), text="x")
    assert answer.status_code == 400


async def test_a_file_is_added_and_looked_at(browser, amara, case_id, look):

    content = base64.b64decode(PIXEL)
    page = f"{PAGE}/{case_id}"
    added = await send(browser, amara, f"{page}/files", files={"file": ("scan.png", content, "image/png")})
    assert added.status_code == 303, added.text
    answer = await browser.get(page)
    assert "scan.png" in answer.text
    (path,) = set(re.findall(rf'href="({page}/files/[^"]+)"', answer.text))
    shown = await browser.get(path)
    assert shown.content == content
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["content-disposition"].startswith("inline")
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    file_id = UUID(path.rpartition("/")[2])
    query = "SELECT count(*) FROM phi_reads WHERE actor_id = %s AND record_id = %s AND record_kind = 'attachment'"
    assert await look(query, amara.id, file_id) == [(1,)]


@pytest.mark.parametrize(
    "file", [None, ("empty.png", b"", "image/png"), ("a.html", b"<script>1</script>", "text/html")]
)
async def test_a_file_that_is_none(browser, amara, case_id, look, file):
    answer = await send(browser, amara, f"{PAGE}/{case_id}/files", files={"file": file} if file else None)
    assert answer.status_code == 422
    assert 'href="#f-file"' in answer.text
    assert await look("SELECT count(*) FROM attachments WHERE case_id = %s", case_id) == [(0,)]


async def test_what_a_file_is_shows_in_its_bytes(browser, amara, case_id):
    """What calls itself a picture and is none is never shown within a page."""
    page = f"{PAGE}/{case_id}"
    await send(browser, amara, f"{page}/files", files={"file": ("a.txt", b"<script>1</script>", "text/plain")})
    answer = await browser.get(page)
    (path,) = set(re.findall(rf'href="({page}/files/[^"]+)"', answer.text))
    shown = await browser.get(path)
    assert shown.headers["content-disposition"].startswith("attachment")
    assert shown.headers["x-content-type-options"] == "nosniff"


async def test_a_file_of_another_case_is_not_there(browser, amara, client, harbor, case_id, email):
    other = await create_case(client, harbor, case_body(harbor.product_id))
    page = f"{PAGE}/{case_id}"
    await send(browser, amara, f"{page}/files", files={"file": ("a.txt", b"x", "text/plain")})
    (path,) = set(re.findall(rf'href="({page}/files/[^"]+)"', (await browser.get(page)).text))
    assert (await browser.get(path.replace(str(case_id), str(other)))).status_code == 404


async def test_the_talk_is_asked_for_again_and_costs_nothing_until_something_happens(browser, amara, case_id, look):
    path = f"{PAGE}/{case_id}/talk"
    first = await browser.get(path, params={"part": "said"}, headers={"Sec-Fetch-Mode": "cors"})
    assert first.status_code == 200
    tag = {"If-None-Match": first.headers["etag"], "Sec-Fetch-Mode": "cors"}
    assert (await browser.get(path, params={"part": "said"}, headers=tag)).status_code == 304
    await send(browser, amara, f"{PAGE}/{case_id}/reply", act="send", text="News for you")
    again = await browser.get(path, params={"part": "said"}, headers=tag)
    assert again.status_code == 200
    assert "News for you" in again.text
    happened = await browser.get(path, params={"part": "happened"})
    assert "wrote a message" in happened.text


async def test_a_long_intake_is_cut_and_shown_whole_when_asked(browser, client, harbor, email):
    questions = [
        {"question": f"Question {number}?", "type": "TEXT", "answer": f"{number} " + "x" * 900} for number in range(80)
    ]
    product = [{"id": harbor.product_id, "form": {"title": "Long", "questions": questions}}]
    case_id = await create_case(client, harbor, case_body(harbor.product_id, email, products=product))
    answer = await browser.get(f"{PAGE}/{case_id}")
    assert len(answer.content) <= 100_000
    assert "more answers" in words(answer)
    assert "Question 79?" not in answer.text
    assert "Question 79?" in (await browser.get(f"{PAGE}/{case_id}?all=1")).text
