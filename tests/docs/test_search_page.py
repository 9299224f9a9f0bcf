"""The page of docs/api/ about search and patients for staff, printed from a real conversation."""

import pytest

from tests.cases.bodies import case_body, question, with_questions, with_user
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.docs.test_staff_pages import EVERYWHERE
from tests.own_clinic import make_clinic
from tests.patients.conftest import patient_of
from tests.review.people import employ

_ABOUT = """\
One box finds patients, cases and orders: by the beginning of any word of a name in any spelling, an e-mail address, a telephone
number as it was typed or in E.164, a short id, the pharmacy's order number, a tracking number, the storefront's id, or an id of ours. A
SUPPORT finds orders only. Query parameters that are not known are a 400. Which patients and cases somebody was shown is recorded.
"""


@pytest.fixture
async def own(services, tmp_path):
    """A clinic of the page's own: nothing but the page's patient is found."""
    return await make_clinic(services, tmp_path)


async def test_page_of_search_and_patients(client, services, own):
    page = ApiPage(client, own, "Staff: search and patients")
    page.say(f"{_ABOUT}\n{EVERYWHERE}")
    clinician = await employ(services, own, "Nora")
    body = with_user(
        case_body(own.product_id), email="marisol@patient.example", firstName="Marisol", lastName="Tennant"
    )
    made = await client.post("/api/v1/cases", json=with_questions(body, question()), headers=own.key)
    assert made.status_code == 200, made.text
    patient_id = await patient_of(client, own, made.json()["data"]["caseId"])
    headers = clinician.headers
    text = "`kind` (may be repeated) narrows it, `limit` is at most 50 of each kind. `exact` is the one record whose id was typed."
    await page.ask("Search", text, "GET", "/api/staff/search?q=marisol+ten", 200, headers=headers)
    await page.ask("List patients", "", "GET", "/api/staff/patients?limit=1", 200, headers=headers)
    await page.ask("Get a patient", "", "GET", f"/api/staff/patients/{patient_id}", 200, headers=headers)
    text = "`after` is `next` of the page before."
    await page.ask("Who saw it", text, "GET", f"/api/staff/patients/{patient_id}/reads?limit=1", 200, headers=headers)
    page.say_errors()
    await page.ask("A parameter is not known", "", "GET", "/api/staff/search?name=marisol", 400, headers=headers)
    await page.ask("An unknown patient", "", "GET", f"/api/staff/patients/{UNKNOWN_ID}", 404, headers=headers)
    await page.ask("No session", "", "GET", "/api/staff/search", 401)
    check_printed(DOCS / "api" / "staff-search.md", page.text())
