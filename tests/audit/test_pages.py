"""What the pages of the audit and of reports say."""

import re
from uuid import UUID

import httpx
import pytest

from carelane.figures.reports.jobs import make_reports_of
from carelane.sessions.access import COOKIE
from tests.factories.charges import line, make_charge
from tests.factories.decisions import decide
from tests.factories.pharmacies import add_pharmacy


@pytest.fixture
def show(server, admin):
    """The text of a page, or its answer's text as it is."""

    async def get(path, status=200, person=None, **query):
        token = (person or admin).headers["Authorization"].removeprefix("Bearer ")
        cookie = {"Cookie": f"{COOKIE.name}={token}", "Sec-Fetch-Site": "same-origin"}
        async with httpx.AsyncClient(base_url=server.url, timeout=60) as browser:
            sent = {name.rstrip("_"): value for name, value in query.items()}
            answer = await browser.get(f"/console{path}", params=sent or None, headers=cookie)
        assert answer.status_code == status, answer.text[:2000]
        return answer.text

    return get


def plain(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


async def test_the_audit_in_plain_words(open_case, clinician, show, admin):
    case_id, patient_id = await open_case()
    text = plain(await show("/audit", record=case_id))
    assert "Storefront program Case came in" in text
    assert "Read a record opened the case" in text
    assert "CREATE_CASE" not in text
    html = await show("/audit", record=patient_id, act="CREATE_CASE")
    assert f'value="{patient_id}"' in html
    assert f"/console/audit/export.csv?record={patient_id}&amp;act=CREATE_CASE" in html
    assert "Nothing found" in plain(await show("/audit", actor=clinician.id))
    assert "You Administrator Read a record looked it up in the audit" in plain(await show("/audit", actor=admin.id))


async def test_a_filter_that_cannot_be_is_named_and_kept(show):
    html = await show("/audit", 422, from_="soon", record="<b>")
    assert "expected a day such as" in html
    assert 'value="soon"' in html
    assert "&lt;b&gt;" in html
    assert "<b>&lt;" not in html
    await show("/audit", 400, nobody="x")


async def test_the_export_is_a_file(open_case, show):
    await open_case()
    lines = (await show("/audit/export.csv", act="CREATE_CASE")).splitlines()
    assert lines[0].startswith("at,what,act,actorKind")
    assert len(lines) == 2


async def test_a_patients_page_leads_to_both(services, here, open_case, show, clinician):
    case_id, patient_id = await open_case(firstName="Ana", lastName="<Quill>")
    await add_pharmacy(services, UUID(here.organization_id))
    html = await show(f"/patients/{patient_id}")
    for page in ("readers", "disclosures"):
        assert f"/console/audit/patients/{patient_id}/{page}" in html
    assert "/console/audit" not in await show(f"/patients/{patient_id}", person=clinician)
    told = await show(f"/audit/patients/{patient_id}/disclosures")
    assert "Ana &lt;Quill&gt;" in told
    assert "The clinic's own systems asked: case detail" in plain(told).replace("&#39;", "'")
    assert "is known for 30 days" in plain(told)
    empty = await show(f"/audit/patients/{patient_id}/disclosures", from_="2021-01-01", to="2021-01-02")
    assert "Nothing was disclosed" in empty
    readers = plain(await show(f"/audit/patients/{patient_id}/readers"))
    assert "Cora Berg Clinician The whole record: cases, answers, messages" in readers
    assert "Cannot open it: Support." in readers
    assert case_id


async def test_reports_say_what_was_counted(services, here, open_case, clinician, show):
    case_id, _patient_id = await open_case()
    organization_id, product = UUID(here.organization_id), UUID(here.product_id)
    assert "Figures are counted every minute." in await show("/reports")
    await decide(services, organization_id, UUID(case_id), clinician.id, is_approved=True, product_id=product)
    await make_charge(services, here, line("Tablets", 12_345, product_id=product), is_test=False)
    await make_reports_of(services, organization_id)
    html = await show("/reports", by="person")
    text = plain(html)
    assert "Revenue $123 without tax" in text
    assert "Decisions 1 100 % approved, median" in text
    assert "Cora Berg" in text
    assert "Nobody in particular" in text
    assert "$123.45" in text
    address = re.search(
        rf'href="(/console/reports/rows\?measure=decisions&amp;by=person&amp;key={clinician.id}[^"]+)"', html
    )
    assert address
    rows = await show(address[1].removeprefix("/console").replace("&amp;", "&"))
    assert "Cora Berg" in rows
    assert "Approved" in rows
    money = plain(await show("/reports/rows", measure="revenue"))
    assert "Charged" in money
    assert "$123.45" in money
    assert "$123.45" not in await show("/reports", 403, person=clinician)
    for query in ({"by": "moon"}, {"from_": "2026-13"}):
        await show("/reports", 400, **query)
    await show("/reports/rows", 400, measure="moon")
