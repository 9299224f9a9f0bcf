"""Pages of docs/api/ about cases and bundles, printed from these conversations with the real server."""

import base64
from typing import Any
from uuid import UUID

from carelane.cases.schemas import MedicationIn
from carelane.services import Services
from carelane.surfaces.docs.examples import ABANDONED_CART, CREATE_CASE
from tests.cast import Clinic
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import WRONG_KEY, ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.factories import calendar, conversations, decisions, orders, staff

BUNDLES = "/api/v1/organization/bundles"
CASES = "/api/v1/cases"
DETAIL = "/api/v1/customer-case-detail"


async def test_page_of_bundles(client, clinic):
    page = ApiPage(client, clinic, "Bundles")
    page.say(
        "A storefront shows bundles and asks their intake form's questions. Needs a key with the scope `catalog:read`.\n\n"
        "Prices are decimal strings with the decimals of their currency. Forms are there only when asked for; `null` says that "
        "the bundle has none. A question with a `condition` is asked only when an earlier one, counted from 0, got that response."
    )
    key, one = clinic.key, f"{BUNDLES}/{clinic.bundle_id}"
    await page.ask(
        "List bundles",
        "`isVisible` is `true` or `false`; without it all bundles are listed, oldest first, at most 1,000.",
        "GET",
        f"{BUNDLES}?isVisible=true",
        200,
        headers=key,
    )
    await page.ask(
        "One bundle with its forms",
        "`includeIntakeForm` and `includeFollowupForm` are `true` or `false`.",
        "GET",
        f"{one}?includeIntakeForm=true&includeFollowupForm=true",
        200,
        headers=key,
    )
    page.say_errors()
    await page.ask("A boolean that is none", "", "GET", f"{BUNDLES}?isVisible=yes", 400, headers=key)
    await page.ask(
        "A bundle that is not there",
        "Another organization's bundle answers the same.",
        "GET",
        f"{BUNDLES}/{UNKNOWN_ID}",
        400,
        headers=key,
    )
    await page.ask("No key", "", "GET", BUNDLES, 400)
    await page.ask("A wrong key", "Unknown and revoked keys answer alike.", "GET", BUNDLES, 400, headers=WRONG_KEY)
    check_printed(DOCS / "api" / "bundles.md", page.text())


async def test_page_of_create_case(client, clinic):
    page = ApiPage(client, clinic, "Create a case")
    page.say(
        "A storefront sends a patient, the products they want, the answers to each product's form, and the reference of a "
        "payment. All of it is stored, or nothing. Takes a key or a [bearer token](oauth.md).\n\n"
        "- A patient is found again by e-mail, in whatever case it is written; the details are brought up to date.\n"
        "- A form is found again by its product and title. Other questions make a new version of it.\n"
        "- An answer with `phi: true` is encrypted, and so is every document.\n"
        "- `status` is `OPEN` (the default) or `ABANDONED`, in whatever case.\n"
        "- `payment.providerReference` may be left out when `payment.status` is `UNPAID`. Amounts are exact, never rounded: "
        "numbers or texts of digits with at most the decimals of their currency.\n"
        "- Where the organization has a payment gateway, the reference is [verified](payments.md#what-a-case-may-bring) before the "
        "case is written; without one it is kept as it was sent.\n"
        "- `gender` may be written in any case. Blanks around an e-mail address are dropped, and a telephone number, a date of "
        "birth (of an abandoned cart) or a gender that is empty is not given.\n"
        "- `promoCodes` and `referralCode` are kept and shown with the case.\n"
        "- A required question needs something that can be read, chosen or opened: blanks, invisible characters and files of "
        "zero bytes answer nothing.\n"
        "- An answer that does not fit the type of its question (`maybe` for `BOOLEAN`, no option for `SINGLESELECT`, words for "
        "`FILE`) is a warning in the profile `compat`; `strict` refuses it. A document is refused where none is asked for.\n"
        "- `isTest` marks the case and everything that follows from it.\n"
        "- The header `Idempotency-Key` makes it safe to send a case again; [place an order](place-order.md) shows how."
    )
    await page.ask("Create", "", "POST", CASES, 200, headers=clinic.key, json=CREATE_CASE)
    await page.ask(
        "Keep an abandoned cart",
        "Nobody is assigned or notified, and the payment is not looked at. It does not stand in the way of a later case.",
        "POST",
        CASES,
        200,
        headers=clinic.key,
        json=ABANDONED_CART,
    )
    with_document = _with_document(clinic)
    await page.ask(
        "Send a document as an answer",
        "The answer to a `FILE` question is an object, a data URL, or bare base64; several go into a list. A document may "
        "have 25 MiB, the whole body 35 MiB, of which all but documents 4 MiB; see [limits](../operations/limits.md). A data "
        "URL may say a name: `data:image/jpeg;name=my%20photo.jpg;base64,…`. Whatever begins with `data:`, or is longer than "
        "8,192 characters, is a document or refused.",
        "POST",
        CASES,
        200,
        headers=clinic.key,
        json=with_document,
    )
    page.say_errors(
        "400 says that the body cannot be understood, 422 that a value breaks a rule. `errors` lists all of them, and `error` "
        "says the same in one text. A query parameter is a 400: there is none."
    )
    await _ask_for_create_errors(page, clinic)
    check_printed(DOCS / "api" / "create-case.md", page.text())


def _with_document(clinic: Clinic) -> dict[str, Any]:
    content = base64.b64encode(b"%PDF-1.7 a very short laboratory report").decode()
    question = {
        "question": "Your latest laboratory results",
        "type": "FILE",
        "phi": True,
        "answer": {"name": "results.pdf", "contentType": "application/pdf", "data": content},
    }
    return {
        "user": CREATE_CASE["user"] | {"email": "jane.roe@example.com"},
        "products": [{"id": clinic.product_id, "form": {"title": "Results", "questions": [question]}}],
    }


async def _ask_for_create_errors(page: ApiPage, clinic: Clinic) -> None:
    names = ("firstName", "lastName", "email", "phoneNumber", "dob")
    small = {"user": {name: CREATE_CASE["user"][name] for name in names}, "products": [{"id": clinic.product_id}]}
    post = {"method": "POST", "path": CASES, "headers": clinic.key}
    await page.ask(
        "The patient has an open case",
        "Send `forceCreate: true` to create another. Of many requests at the same moment exactly one passes.",
        status=409,
        json=small,
        **post,
    )
    await page.ask("Fields are missing", "", status=400, json={"user": {"firstName": "John"}, "products": []}, **post)
    await page.ask("The body is no JSON object", "", status=400, json="not an object", **post)
    wrong = small["user"] | {"phoneNumber": "555-0100", "dob": "2190-01-01"}
    money = {"amount": "10.999", "currency": "DOLLARS", "status": "UNPAID"}
    await page.ask("Values break rules", "", status=422, json=small | {"user": wrong, "payment": money}, **post)
    unknown = small | {"forceCreate": True, "products": [{"id": UNKNOWN_ID}]}
    await page.ask("A product is unknown", "", status=422, json=unknown, **post)
    await page.ask("No credential", "", "POST", CASES, 401, json=small)
    await page.ask("A wrong credential", "", "POST", CASES, 401, headers=WRONG_KEY, json=small)
    await page.ask("A key without the scope", "", "POST", CASES, 403, headers=clinic.catalog_only, json=small)


async def test_page_of_case_detail(client, clinic, services):
    created = await client.post(CASES, headers=clinic.key, json=_case_of(clinic, "mara.lind@example.com"))
    await _fill(services, UUID(clinic.organization_id), UUID(created.json()["data"]["caseId"]))
    page = ApiPage(client, clinic, "Case detail")
    page.say(
        "The whole of one case in one answer. Every read is recorded with the credential that made it.\n\n"
        "Name the case with `caseId`, or with `email` for the patient's latest; with both, the case must be that "
        "patient's. `caseId` is the better way: an e-mail address in a URL ends up in other programs' logs.\n\n"
        "| parameter | when it is `true`, the answer has |\n| --- | --- |\n"
        "| `includeAttachments` | `attachments`, here and in comments and notes |\n"
        "| `includeCalendarEvents` | `calendarEvents` |\n"
        "| `includeOrders` | `orders` |\n"
        "| `includeCaseProducts` | `caseProducts`, each with its latest request |\n\n"
        "`documentFormat` is `base64` (the default: documents have `content`) or `url` (they have a link that works for 15 "
        "minutes, for one document, without credentials). Inline documents may have 100 MiB in all.\n\n"
        "Staff write [comments and decisions](staff-cases.md), the pharmacy tells where an [order](place-order.md) is. The "
        "appointment below was written by the test: no route makes one yet."
    )
    case_id = created.json()["data"]["caseId"]
    flags = "includeAttachments=true&includeCalendarEvents=true&includeOrders=true&includeCaseProducts=true"
    await page.ask(
        "With everything", "", "GET", f"{DETAIL}?caseId={case_id}&{flags}&documentFormat=url", 200, headers=clinic.key
    )
    page.say_errors()
    await page.ask("No case is named", "", "GET", DETAIL, 400, headers=clinic.key)
    odd = f"{DETAIL}?caseId={case_id}&documentFormat=zip"
    await page.ask("An unknown document format", "", "GET", odd, 400, headers=clinic.key)
    await page.ask("No key", "", "GET", f"{DETAIL}?caseId={case_id}", 400)
    await page.ask("A wrong key", "", "GET", f"{DETAIL}?caseId={case_id}", 403, headers=WRONG_KEY)
    await page.ask("A key without the scope", "", "GET", f"{DETAIL}?caseId={case_id}", 403, headers=clinic.catalog_only)
    await page.ask(
        "A case that is not there",
        "Another organization's case answers the same.",
        "GET",
        f"{DETAIL}?caseId={UNKNOWN_ID}",
        404,
        headers=clinic.key,
    )
    check_printed(DOCS / "api" / "case-detail.md", page.text())


def _case_of(clinic: Clinic, email: str) -> dict[str, Any]:
    body = _with_document(clinic)
    form = body["products"][0]["form"]
    form["questions"] = [*CREATE_CASE["products"][0]["form"]["questions"], *form["questions"]]
    return CREATE_CASE | body | {"user": body["user"] | {"email": email}}


async def _fill(services: Services, organization: UUID, case: UUID) -> None:
    doctor = await staff.hire(
        services, organization, "Ada", "Ellis", email="ada.ellis@harbor-health.example", title="Dr.", npi="1234567893"
    )
    decision = await decisions.decide(
        services, organization, case, doctor, "Fits the treatment.", is_approved=True, visit_type="ASYNC_TEXT_EMAIL"
    )
    medication = MedicationIn(
        medicine="Semaglutide 0.25 mg", dosage="0.25 mg", dosing_frequency="once a week", refill_count=2
    )
    await decisions.prescribe(services, organization, decision, medication)
    await conversations.comment(services, organization, case, "Welcome, and drink enough.", author_staff_id=doctor)
    await conversations.comment(
        services, organization, case, "Asked for the results by phone.", author_staff_id=doctor, is_restricted=True
    )
    await calendar.book(services, organization, case, "2026-03-09T15:00:00Z", "2026-03-09T15:20:00Z")
    order = await orders.place_order(services, organization, case, pharmacy_name="Pier Pharmacy", carrier_name="UPS")
    await orders.add_item(services, organization, order, "Semaglutide 0.25 mg", "4", 0)
    await orders.log_shipping(services, organization, order, "2026-03-04T08:00:00Z", status="IN_TRANSIT")


async def test_page_of_oauth(client, clinic):
    page = ApiPage(client, clinic, "Bearer tokens")
    page.say(
        "A client trades its id and secret for a token that is good for 15 minutes (OAuth 2.0 client credentials, RFC 6749 "
        "section 4.4). `POST /api/v1/cases` takes it as `Authorization: Bearer`. There is no refresh token: ask again.\n\n"
        "The client may send its id and secret by HTTP Basic in place of the form. A token is checked without asking the "
        "database, so a revoked client's last token works until it expires."
    )
    grant = {"grant_type": "client_credentials", "client_id": clinic.client_id, "client_secret": clinic.client_secret}
    token = await page.ask("Get a token", "", "POST", "/oauth/token", 200, data=grant)
    narrow = grant | {"scope": "cases:write"}
    await page.ask("Ask for fewer scopes", "", "POST", "/oauth/token", 200, data=narrow)
    case = {"status": "ABANDONED", "user": ABANDONED_CART["user"], "products": [{"id": clinic.product_id}]}
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    await page.ask("Use it", "", "POST", CASES, 200, headers=headers, json=case)
    page.say_errors()
    ask = {"method": "POST", "path": "/oauth/token"}
    await page.ask("No grant type", "", status=400, data={"client_id": clinic.client_id}, **ask)
    await page.ask("Another grant type", "", status=400, data=grant | {"grant_type": "password"}, **ask)
    await page.ask("A scope the client lacks", "", status=400, data=grant | {"scope": "orders:read"}, **ask)
    await page.ask("A wrong secret", "", status=401, data=grant | {"client_secret": "cvs_wrong"}, **ask)
    check_printed(DOCS / "api" / "oauth.md", page.text())
