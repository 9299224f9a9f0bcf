"""The page of docs/api/ about cases that storefronts make of a form, and what they do to them, printed from a conversation."""

import base64

from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.own_clinic import make_clinic

_ABOUT = """\
`POST /api/v1/dynamic-case` makes a case of a person, a bundle and one form, as most storefronts do; `POST /handleDynamicCustomerForm`
is the same with the key as `key` in the body. 200 says that all of it is on disk.

- `formTitle` makes a form of the questions as they are sent, or uses the one of that title; bundles never show such a version. `formId`
  takes a form that is there: `questionId` and `answer` of each question, held against what the form asks.
- The products of `productBundleId` are those of the case. Without one the case has none, and its `warnings` say so.
- `stripePaymentIntentId`, `stripePaymentId`, `stripeSetupId` or `nmiPaymentToken` is kept as the payment's reference, the first of
  them that is sent; `paymentAmount` is in the organization's currency, and without it the payment says 0. Where the organization
  has a gateway the reference is [verified](payments.md#what-a-case-may-bring) before anything is written.
- `password` is accepted and never stored: patients sign in with one-time codes.
- `gender`, `status` and types of questions may be in any case, options and answers of any type; an answer to `MULTISELECT` is a list,
  or the JSON of one; one to `FILE` is `{name, contentType, data}`, a data URL, or a list of them.
- An open case of the same patient is a 409, unless `forceCreate` is `true`; with a `caseId` the form goes into that case instead, and
  where there is a gateway the payment's reference too."""
_PERSON = {"firstName": "Ada", "lastName": "Test", "email": "ada.test@example.com"}
_QUESTIONS = [
    {"question": "How much do you weigh?", "answer": "138 lbs", "type": "TEXT", "required": True, "phi": True}
]


async def test_page_of_dynamic_cases(client, services, tmp_path):
    clinic = await make_clinic(services, tmp_path)
    page = ApiPage(client, clinic, "Cases from a form")
    page.say(_ABOUT)
    post = {"method": "POST", "path": "/api/v1/dynamic-case", "headers": clinic.key}
    form = {"formTitle": "Weight loss intake", "questions": _QUESTIONS}
    body = _PERSON | {"gender": "Female", "productBundleId": clinic.bundle_id, "promoCodes": {"Promo": "Lose10"}} | form
    paid = body | {"paymentAmount": 0.5, "stripeSetupId": "seti_1Sk8JiGkkQS2eXzhTHyVTDj9", "idempotencyKey": "case-17"}
    await page.ask("Create", "", json=paid, status=200, **post)
    await page.ask("The `idempotencyKey` was used", "", json=paid, status=409, **post)
    created = await client.post(post["path"], json=body | {"email": "ben@example.com"}, headers=clinic.key)
    case_id = created.json()["data"]["caseId"]
    follow = {"caseId": case_id, "formTitle": "Follow-up", "questions": [{"questionId": "q-1", "answer": "None"}]}
    await page.ask(
        "Add a form",
        "To a case that is not archived. The key may also be the member `key` of the body.",
        method="POST",
        path="/api/v1/customer-dynamic-case-form",
        headers=clinic.key,
        json=follow,
        status=200,
    )
    acts = {"method": "POST", "path": f"/api/v1/cases/{case_id}", "headers": clinic.key, "status": 200}
    file = {"fileName": "scan.txt", "content": base64.b64encode(b"Scan").decode(), "isRestricted": False, "isPHI": True}
    author = {"email": "ann@partner.example", "firstName": "Ann", "lastName": "Lee"}
    said = {"text": "Please look at this", "isRestricted": False, "author": author, "attachments": [file]}
    text = "`isRestricted`: a note, which staff alone see. Whoever wrote it is staff or the patient by the e-mail address, else kept by name."
    await page.ask("Write into the case", text, json={"action": "ADD_COMMUNICATION", "communication": said}, **acts)
    change = {"productId": clinic.product_id, "status": "CLOSE", "reason": "Out of stock"}
    await page.ask("Close a product", "", json={"action": "UPDATE_CASE_PRODUCT", "caseProductInput": change}, **acts)
    text = (
        "`OPEN`, `CLOSE` or `REOPEN`; only `REOPEN` is possible for an archived case. `reason` becomes the archive note. "
        "`CLOSE` also cancels orders that no pharmacy has got yet."
    )
    close = {"action": "CHANGE_CASE_STATUS", "status": "CLOSE", "reason": "Moved away"}
    await page.ask("Change the status", text, json=close, **acts)
    latest = "/api/v1/customer-latest-case-id"
    text = "By `email`, or by `phoneNumber`."
    await page.ask(
        "A patient's latest case",
        text,
        method="GET",
        path=f"{latest}?email=ben@example.com",
        headers=clinic.key,
        status=200,
    )
    page.say_errors("`errors` names every field that is wrong.")
    wrong = body | {"email": "nobody", "productBundleId": UNKNOWN_ID}
    await page.ask("A bundle that is none", "", json=wrong, status=400, **post)
    await page.ask("A wrong field", "", json=body | {"email": "nobody"}, status=400, **post)
    check_printed(DOCS / "api" / "dynamic-case.md", page.text())
