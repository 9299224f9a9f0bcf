"""The page of docs/api/ about figures, printed from a real conversation."""

from uuid import UUID

from carelane.figures.jobs import make_figures_of
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage
from tests.docs.test_staff_pages import EVERYWHERE
from tests.factories.cases import case_body, change_case
from tests.factories.decisions import decide
from tests.figures.conftest import at
from tests.own_clinic import make_clinic
from tests.review.people import employ

_ABOUT = """\
What happened on each day, in UTC: cases by where they stand now, how long decisions took, who decided what, money; and where orders stand
now. The worker counts a day anew when something of it changed, within a minute. Waits are from the request to the decision, without the
time that the patient was waited for, which stands apart; medians of days cannot be averaged. Amounts are in the currency's smallest unit.
"""


async def test_page_of_figures(client, services, tmp_path):
    own = await make_clinic(services, tmp_path)
    organization_id = UUID(own.organization_id)
    page = ApiPage(client, own, "Staff: figures")
    page.say(f"{_ABOUT}\n{EVERYWHERE}")
    clinician = await employ(services, own, "Nora")
    made = await client.post("/api/v1/cases", json=case_body(own.product_id), headers=own.key)
    case_id = UUID(made.json()["data"]["caseId"])
    await change_case(services, organization_id, case_id, created_at=at("11-02 09:00"), status="APPROVED")
    product = {"product_id": UUID(own.product_id), "is_approved": True}
    await decide(services, organization_id, case_id, clinician.id, created_at=at("11-02 09:27"), **product)
    await make_figures_of(services, organization_id)
    url, headers = "/api/staff/figures?from=2026-11-02&to=2026-11-02", clinician.headers
    await page.ask("Get figures by day", "Of a fortnight, unless the days are said.", "GET", url, 200, headers=headers)
    bad = "/api/staff/figures?from=last-week"
    page.say_errors()
    await page.ask("A day that is none", "", "GET", bad, 400, headers=headers)
    await page.ask("No session", "", "GET", url, 401)
    check_printed(DOCS / "api" / "staff-figures.md", page.text())
