"""The pages of docs/api/ about the audit and reports, printed from real conversations."""

from datetime import UTC, datetime
from uuid import UUID

from carelane.figures.reports.jobs import make_reports_of
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.docs.test_staff_pages import EVERYWHERE
from tests.factories.cases import case_body, change_case
from tests.factories.charges import line, make_charge
from tests.factories.decisions import decide
from tests.figures.conftest import at
from tests.own_clinic import make_clinic
from tests.review.people import employ

_ABOUT_AUDIT = """\
Who did what, and who saw what: [events](events.md) and recorded reads of health information in one list, the newest first. Both are kept for
good. That somebody looked is recorded itself: with the patient, case or other record that was asked for, else with the clinic.

`GET /api/staff/audit/export.csv` takes the same filters and streams all that they find, of at most 366 days; without days of the last 31. Cells
that a spreadsheet would run begin with an apostrophe.
"""
_ABOUT_DISCLOSURES = """\
As 45 CFR 164.528 asks: when, to whom, what and why, of six years. A line tells of one day, recipient and kind. `knowledge` says for how many
days webhook deliveries and messages are kept ([retention](../operations/retention.md)); before that a line says only that an endpoint was told.
`GET /api/staff/audit/patients/{id}/disclosures.csv` is the same, to be handed to the patient.
"""
_ABOUT_REPORTS = """\
Cases, decisions, waits, orders, revenue and refunds by month, product, person and state. The worker counts the days that changed within a
minute, in the time zone of the clinic's first location (UTC without one). A case or order of several products counts with each; decisions are by
who decided, orders by who approved, money by who sold it, else by who approved. Revenue is what the ledger's income came to: after
discounts, voids and refunds, without tax; discounts have a line of their own by product (`DISCOUNTS`). So the lines add up to the ledger.

`GET /api/staff/reports/export.csv` is the same as CSV.
"""


async def test_page_of_the_audit(client, services, tmp_path):
    own = await make_clinic(services, tmp_path)
    page = ApiPage(client, own, "Staff: the audit")
    today = datetime.now(UTC).date().isoformat()
    page.hide(today, "2026-03-02")
    page.say(f"{_ABOUT_AUDIT}\n{EVERYWHERE}")
    admin = await employ(services, own, "Ada", role="ADMIN")
    made = await client.post("/api/v1/cases", json=case_body(own.product_id), headers=own.key)
    case_id = made.json()["data"]["caseId"]
    detail = await client.get("/api/v1/customer-case-detail", params={"caseId": case_id}, headers=own.key)
    patient_id = detail.json()["caseDetail"]["submitter"]["id"]
    url, headers = "/api/staff/audit", admin.headers
    text = "Of a case, a patient, or whatever was acted on; by who, what and when."
    await page.ask("Search", text, "GET", f"{url}?record={case_id}", 200, headers=headers)
    await page.ask("Who can be searched for", "", "GET", f"{url}/actors", 200, headers=headers)
    patient = f"{url}/patients/{patient_id}"
    days = f"from=2021-01-01&to={today}"
    await page.ask(
        "To whom a patient was disclosed",
        _ABOUT_DISCLOSURES,
        "GET",
        f"{patient}/disclosures?{days}",
        200,
        headers=headers,
    )
    text = "By which permission, whether they have, and when last."
    await page.ask("Who may see a patient", text, "GET", f"{patient}/readers", 200, headers=headers)
    page.say_errors()
    await page.ask("No such act", "", "GET", f"{url}?act=EAT_CASE", 400, headers=headers)
    unknown = f"{url}/patients/{UNKNOWN_ID}/disclosures"
    await page.ask("No such patient", "", "GET", unknown, 404, headers=headers)
    clinician = await employ(services, own, "Cora")
    await page.ask("Not an administrator", "", "GET", url, 403, headers=clinician.headers)
    await page.ask("No session", "", "GET", url, 401)
    check_printed(DOCS / "api" / "staff-audit.md", page.text())


async def test_page_of_reports(client, services, tmp_path):
    own = await make_clinic(services, tmp_path)
    organization_id = UUID(own.organization_id)
    page = ApiPage(client, own, "Staff: reports")
    page.say(f"{_ABOUT_REPORTS}\n{EVERYWHERE}")
    manager = await employ(services, own, "Mina", role="CASEMANAGER")
    clinician = await employ(services, own, "Nora")
    made = await client.post("/api/v1/cases", json=case_body(own.product_id), headers=own.key)
    case_id = UUID(made.json()["data"]["caseId"])
    await change_case(services, organization_id, case_id, created_at=at("10-02 09:00"), status="APPROVED")
    product = {"product_id": UUID(own.product_id), "is_approved": True}
    await decide(services, organization_id, case_id, clinician.id, created_at=at("10-02 09:27"), **product)
    await make_charge(services, own, line("Tablets", product_id=UUID(own.product_id)), is_test=False)
    await make_reports_of(services, organization_id)
    url, headers = "/api/staff/reports", manager.headers
    text = "A year by month, unless asked otherwise."
    span = "from=2026-10&to=2026-10"
    await page.ask("Get a report", text, "GET", f"{url}?by=person&{span}", 200, headers=headers)
    text = "Each figure is the number, or the sum, of its rows."
    rows = f"{url}/rows?measure=decisions&by=person&key={clinician.id}&{span}"
    await page.ask("The rows behind a figure", text, "GET", rows, 200, headers=headers)
    page.say_errors()
    await page.ask("A month that is none", "", "GET", f"{url}?from=2026-13", 400, headers=headers)
    await page.ask("A clinician", "", "GET", url, 403, headers=clinician.headers)
    await page.ask("No session", "", "GET", url, 401)
    check_printed(DOCS / "api" / "staff-reports.md", page.text())
