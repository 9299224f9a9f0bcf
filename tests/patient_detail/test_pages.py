"""The console's pages of patients: what they say, merging with the name typed, and undoing it."""

import re
from uuid import UUID, uuid4

import pytest

from carelane.sessions.access import COOKIE
from carelane.web.html.forms import form_token
from tests.review.people import employ


@pytest.fixture
def cookie():
    def of(person):
        token = person.headers["Authorization"].removeprefix("Bearer ")
        return {"Cookie": f"{COOKIE.name}={token}", "Sec-Fetch-Site": "same-origin"}

    return of


@pytest.fixture
def show(browser, cookie, clinician):
    async def send(path, person=None, status=200):
        answer = await browser.get(f"/console{path}", headers=cookie(person or clinician))
        assert answer.status_code == status, answer.text[:2000]
        return answer.text

    return send


@pytest.fixture
def send(browser, cookie, services, manager):
    async def post(path, **fields):
        token = manager.headers["Authorization"].removeprefix("Bearer ")
        body = {"form_token": form_token(services.form_key, token), "request_key": uuid4().hex} | fields
        return await browser.post(f"/console{path}", data=body, headers=cookie(manager))

    return post


def plain(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


async def test_a_patients_page(show, case_of):
    _case_id, patient_id = await case_of(
        firstName="Ana", lastName="<Quillon>", dob="1980-03-14", phoneNumber="+15035550148"
    )
    html = await show(f"/patients/{patient_id}")
    text = plain(html)
    assert "&lt;Quillon&gt;" in html
    assert "<Quillon>" not in html
    for words in ("born Mar 14, 1980", "+15035550148", "Who saw this record", "You", "opened the patient", "Documents"):
        assert words in text
    assert "Merge" not in text
    # The page counts as one look.
    assert plain(await show(f"/patients/{patient_id}/seen")).count("opened the patient") == 2


async def test_a_patient_without_anything(show, client, here):
    made = await client.post("/user/patient/create", json={"id": "bare"}, headers=here.billing)
    assert made.status_code == 200, made.text
    for path in ("/patients/bare", "/patients/bare/seen", "/patients", "/search?q=bare"):
        answer = await show(path, status=303 if "search" in path else 200)
        assert "search" in path or "Patient without a name" in answer


async def test_merge_and_undo(show, send, case_of, manager):
    _, kept = await case_of(firstName="Ana", lastName="Kept")
    _, other = await case_of(firstName="Ana", lastName="Óther")
    page = plain(await show(f"/patients/{kept}/merge?other={other}", manager))
    assert "Type the name of the record that is merged: Ana Óther" in page
    for typed in ("", "Ana Kept"):
        refused = await send(f"/patients/{kept}/merge", otherId=other, name=typed)
        assert refused.status_code == 422
        assert "Nothing was changed" in plain(refused.text)
    assert "Merged into this record" not in await show(f"/patients/{kept}", manager)
    merged = await send(f"/patients/{kept}/merge", otherId=other, name="ana other")
    assert (merged.status_code, merged.headers["location"]) == (303, f"/console/patients/{kept}?done=merged")
    page = await show(f"/patients/{kept}?done=merged", manager)
    assert "Ana Óther" in page
    assert "The two records are one now" in page
    merge_id = re.search(r'name="mergeId" value="([^"]+)"', page)
    assert merge_id is not None
    undone = await send(f"/patients/{kept}/undo-merge", mergeId=merge_id[1])
    assert (undone.status_code, undone.headers["location"]) == (303, f"/console/patients/{kept}?done=undone")
    again = await send(f"/patients/{kept}/undo-merge", mergeId=merge_id[1])
    assert again.status_code == 409
    assert "undone already" in plain(again.text)


async def test_a_form_that_is_sent_twice_merges_once(send, case_of, rows_of_merges):
    _, kept = await case_of(firstName="Ana", lastName="Kept")
    _, other = await case_of(firstName="Ana", lastName="Other")
    for _ in range(2):
        answer = await send(f"/patients/{kept}/merge", otherId=other, name="Ana Other", request_key="same")
        assert answer.status_code == 303, answer.text
    assert await rows_of_merges() == 1


@pytest.fixture
def rows_of_merges(services, here):
    async def count():

        async with services.db.reading(UUID(here.organization_id)) as conn:
            row = await (await conn.execute("SELECT count(*) FROM patient_merges")).fetchone()
        return row[0]

    return count


async def test_a_record_with_itself(send, case_of):
    _, kept = await case_of(firstName="Ana", lastName="Kept")
    refused = await send(f"/patients/{kept}/merge", otherId=kept, name="Ana Kept")
    assert refused.status_code == 409
    assert "these are one" in plain(refused.text)


async def test_which_other_record(show, case_of, manager):
    _, kept = await case_of(firstName="Ana", lastName="Kept")
    _, other = await case_of(firstName="Bo", lastName="Quillon")
    assert f"other={other}" in await show(f"/patients/{kept}/merge?q=quill", manager)
    assert f"other={kept}" not in await show(f"/patients/{kept}/merge?q=kept", manager)


# ---- search


async def test_an_id_leads_to_its_page(show, browser, cookie, clinician, case_of, client):
    case_id, patient_id = await case_of(lastName="Quillon")
    detail = await client.get(f"/api/staff/cases/{case_id}", headers=clinician.headers)
    short_id = detail.json()["shortId"]
    for text, path in (
        (short_id, f"cases/{short_id}"),
        (str(case_id), f"cases/{short_id}"),
        (patient_id, f"patients/{patient_id}"),
    ):
        answer = await browser.get("/console/search", params={"q": f" {text} "}, headers=cookie(clinician))
        assert (answer.status_code, answer.headers["location"]) == (303, f"/console/{path}")


async def test_what_is_found_and_what_is_not(services, show, case_of, here):
    _, patient_id = await case_of(lastName="Quillon")
    assert f"/console/patients/{patient_id}" in await show("/search?q=quill")
    assert "Nothing found" in await show("/search?q=zzzz")
    support = await employ(services, here, "Sam", role="SUPPORT")
    assert "Nothing found" in await show("/search?q=quill", support)
    assert "Nothing yet" in await show("/search", support)
    await show(f"/patients/{patient_id}")
    assert f"/console/patients/{patient_id}" in await show("/search")
    assert "Nothing found" in await show("/search?q=" + "x" * 500)
