"""Pages of docs/api/ about users and the patient portal, printed from real conversations."""

import base64
from uuid import UUID, uuid4

import pytest

from carelane.forms.catalog.actions import create_form
from carelane.forms.catalog.schemas import AskedFormIn, AskedQuestionIn
from carelane.kit.auth import system_actor
from tests.detail.asking import create_case
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import WRONG_KEY, ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.factories.cases import case_body
from tests.own_clinic import make_clinic
from tests.portal.cast import AUTH, Person, code_of
from tests.review.people import Desk, employ
from tests.users.cast import CHECK, USERS, user

ME = "/api/v1/users/me"
EMAIL = "iris.marker@patient.example"
_PORTAL = """\
A patient signs in with a one-time code, and from then on a storefront passes on what they ask for: with its key, which needs
`portal:serve`, and the patient's access token beside it.

- The key counts first: without one the answer is 400, with a wrong one 404. A token that is wrong, has expired, is of another
  organization or of somebody who logged out or was archived is 401 `Invalid or expired token`.
- A patient sees what is theirs. Whatever is another's is not there: the answers are the same.
- A household may share an e-mail address or a number: the code is for the one of them who was active last.
- Where staff merged two records of one person, whoever is signed in as either is the one that stayed."""
_USERS = """\
A storefront finds, makes and changes users without a case. A user is a patient: a [case](create-case.md) with the address finds
them, and they sign in to the [portal](portal.md) with it.

- Addresses are compared without capitals; a new user needs one that nobody in the organization has. Whoever shares one comes with a case.
- Users of other organizations do not exist here: `existsInCurrentOrganization` is always true."""


@pytest.fixture
async def clinic(services, tmp_path):
    return await make_clinic(services, tmp_path)


async def test_page_of_users(client, clinic):
    page, key = ApiPage(client, clinic, "Users"), {"headers": clinic.key}
    page.say(_USERS)

    async def act(heading, text, status, action, **data):
        body = {"action": action, "data": data}
        return await page.ask(heading, text, "POST", USERS, status, json=body, **key)

    text = (
        "Only `email` is needed. `phoneNumber` is E.164; `address` is no PO box; `state` and `country` have two letters; "
        "`postalCode` is `12345` or `12345-6789`. What is said of the health lies sealed. `communication` is kept and shown; "
        "codes and what a patient asked for are sent all the same."
    )
    await act("Create", text, 200, "CREATE_USER", **user(EMAIL))
    text = (
        "What is left out stays, null removes. `firstName`, `lastName`, `dob` and `gender` cannot be changed once a clinician was "
        "given a case of the user, whatever became of it; sent as they are known they are taken. Where several share an "
        "address, `firstName` and `dob` say who is meant."
    )
    await act("Change", text, 200, "UPDATE_PROFILE", email=EMAIL, city="Albany", address2=None, postalCode="12207")
    text = "At any time."
    await act("Change the address", text, 200, "UPDATE_EMAIL", currentEmail=EMAIL, newEmail="iris@patient.example")
    await page.ask("Is there such a user?", "", "GET", f"{CHECK}?email=iris@patient.example", 200, **key)
    text = "The plus sign as `%2B`. The e-mail address counts where both are given."
    await page.ask("By number", text, "GET", f"{CHECK}?phone-number=%2B12125550199", 200, **key)
    text = (
        "By what the address begins with; `sortOrder` is `asc` or `desc` by `createdAt`, `limit` up to 100, `after` the cursor of "
        "the page before."
    )
    await page.ask("List", text, "GET", f"{USERS}?email=iris&limit=1", 200, **key)
    page.say_errors("Every `POST` takes the header `Idempotency-Key`; [place an order](place-order.md) shows how.")
    await act("Every wrong member", "", 400, "CREATE_USER", **user("nobody", address="PO Box 12", dob="29.02.1988"))
    await act("An address that is taken", "", 400, "CREATE_USER", email="Iris@patient.example")
    gone = {"currentEmail": "nobody@patient.example", "newEmail": "new@patient.example"}
    await act("Nobody's address", "", 400, "UPDATE_EMAIL", **gone)
    await act("An unknown act", "", 400, "DELETE_USER", email=EMAIL)
    text = "[Payments](payments.md#how-a-user-pays) shows how it is done; the address is at the top, or inside `data`."
    gone = {"email": "nobody@patient.example", "stripeSetupId": "seti_1Sk8JiGkkQS2eXzhTHyVTDj9"}
    await act("A card of nobody", text, 400, "UPDATE_PAYMENT_INFO", **gone)
    await page.ask("A wrong key", "", "GET", USERS, 401, headers=WRONG_KEY)
    check_printed(DOCS / "api" / "users.md", page.text())


async def test_page_of_the_patient_portal(client, services, clinic):
    page, key = ApiPage(client, clinic, "Patient portal"), {"headers": clinic.key}
    page.say(_PORTAL)
    case_id = await create_case(client, clinic, case_body(clinic.product_id, EMAIL))
    headers = await _sign_in(page, services, clinic, key, case_id)
    inside = {"headers": headers}
    await _print_profile(page, inside)
    await _print_carried(page, services, clinic, inside)
    await _print_messages(page, services, clinic, inside, case_id)
    await _print_files(page, inside, case_id)
    page.say_errors("Every `POST` takes the header `Idempotency-Key`; [place an order](place-order.md) shows how.")
    held = {"firstName": "Alex", "city": "Troy"}
    await page.ask("Once a clinician has the case", "", "PATCH", ME, 400, json=held, **inside)
    await page.ask("Nothing to change", "", "PATCH", ME, 400, json={"email": "new@patient.example"}, **inside)
    path = f"{ME}/cases/{UNKNOWN_ID}/messages"
    await page.ask("Another's case, or none", "", "GET", path, 404, **inside)
    await page.ask("Files of such a case", "", "GET", f"{ME}/files?caseId={UNKNOWN_ID}", 403, **inside)
    await page.ask("No form of the clinic", "", "GET", f"{ME}/carried-answers?formId={UNKNOWN_ID}", 404, **inside)
    await page.ask("Another's file, or none", "", "DELETE", f"{ME}/files/{UNKNOWN_ID}", 404, **inside)
    await page.ask("No token", "", "GET", ME, 401, **key)
    await page.ask("No key", "", "GET", ME, 400)
    await page.ask("A wrong key", "", "GET", ME, 404, headers=headers | WRONG_KEY)
    check_printed(DOCS / "api" / "portal.md", page.text())


async def _print_carried(page, services, clinic, inside):
    questions = [AskedQuestionIn(text="How much do you weigh?", type="TEXT", is_phi=True, carry=True)]
    body = AskedFormIn(name="Intake of the factory", questions=questions)
    form = await create_form(services, system_actor(UUID(clinic.organization_id)), body, None)
    text = (
        "To fill a form in with: of each question whose `carry` is true in [the form](bundles.md), the newest answer that the patient "
        "gave to the same question of this form. It is the same by its text, of whatever version: cases name their forms by their "
        "titles. `questionId` is that of the newest version. An option that is gone is left out, and so are documents. It is for the "
        "patient to look at: nothing is answered until they send it."
    )
    await page.ask("Answers of before", text, "GET", f"{ME}/carried-answers?formId={form.id}", 200, **inside)


async def _sign_in(page, services, clinic, key, case_id):
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        query = "SELECT patient_id FROM cases WHERE organization_id = %s AND id = %s"
        [(patient_id,)] = await (await conn.execute(query, (clinic.organization_id, case_id))).fetchall()
    person = Person(id=patient_id, email=EMAIL, phone_number="+12125550142")
    text = (
        "`email` or `phoneNumber`, and `channel` `EMAIL` or `SMS`. The answer is the same, and comes at the same time, whether the "
        "clinic knows the address or not. A code is good for five minutes; at most three for an address in 15 minutes, ten in a day."
    )
    sent = {"email": EMAIL, "channel": "EMAIL"}
    await page.ask("Send a code", text, "POST", f"{AUTH}/send-otp", 200, json=sent, **key)
    code = await code_of(services, clinic, person.id)
    page.hide(code, "123456")
    text = "Five guesses for a code, which works once. `expiresIn` is in seconds."
    body = {"email": EMAIL, "code": code}
    tokens = (await page.ask("Sign in", text, "POST", f"{AUTH}/verify-otp", 200, json=body, **key))["data"]
    text = (
        "A refresh token works once and is replaced; one that is used twice was stolen, and ends all that came of that sign-in. "
        "Good for 30 days unused, 90 in all."
    )
    refresh = {"refresh_token": tokens["refreshToken"]}
    again = (await page.ask("Stay signed in", text, "POST", f"{AUTH}/refresh-token", 200, json=refresh, **key))["data"]
    page.say("`POST /api/v1/users/auth/logout` with the same body ends it at once.")
    return clinic.key | {"Authorization": f"Bearer {again['accessToken']}"}


async def _print_profile(page, inside):
    text = "Seventeen members. `dob` is the midnight of UTC at which the day began."
    await page.ask("The profile", text, "GET", ME, 200, **inside)
    text = (
        "What is sent is changed, all of it or nothing; unknown members, `email` too, are passed over. Null removes `address`, "
        "`address2`, `city`, `postalCode`, `allergies`, `healthConditions`, `currentMedications`. `firstName`, `lastName`, `dob` and "
        "`gender` cannot be changed once a clinician was given a case of the patient: one that is or was ASSIGNED, IN_PROGRESS, "
        "APPROVED, REJECTED or NO_DECISION, closed or not."
    )
    body = {"phoneNumber": "(212) 555-0188", "address2": None, "allergies": "Penicillin"}
    await page.ask("Change it", text, "PATCH", ME, 200, json=body, **inside)


async def _print_messages(page, services, clinic, inside, case_id):
    ada = await employ(services, clinic, "Ada")
    desk = Desk(page.client, case_id)
    await desk.done(ada, "start")
    await desk.done(ada, "ask", {"text": "Since when have you had the rash?"})
    text = "Of our own. The newest 100 cases. `isWaitingForYou`: a [question of the clinic](staff-cases.md) has no answer yet."
    await page.ask("One's own cases", text, "GET", f"{ME}/cases", 200, **inside)
    path = f"{ME}/cases/{case_id}/messages"
    text = "Of our own. The newest 500, in the order they were written; notes of the clinic are not among them."
    await page.ask("Messages", text, "GET", path, 200, **inside)
    text = (
        "Of our own. The message is a comment of the case: staff read it there, webhooks and the feed tell of it as "
        "`ADD_CASE_COMMENT` with the patient as its author, and whoever has the case gets a mail that says nothing about the patient. "
        "A case that waited for the patient waits no longer. At most 10,000 characters, 30 messages in an hour; a closed case takes none (409)."
    )
    await page.ask("Write back", text, "POST", path, 200, json={"text": "Since Monday."}, **inside)


async def _print_files(page, inside, case_id):
    text = (
        "`mimeType` is one of `application/pdf`, `application/msword`, `text/csv`, `text/plain`, `image/jpeg`, `image/png`, "
        "`image/svg+xml`, `image/tiff`, `image/webp`. Without `caseId` the file belongs to no case; a closed case takes none."
    )
    data = base64.b64encode(b"What the laboratory found").decode()
    body = {"name": "laboratory.txt", "data": data, "mimeType": "text/plain", "caseId": str(case_id)}
    headers = inside["headers"] | {"Idempotency-Key": uuid4().hex}
    page.hide(headers["Idempotency-Key"], "5f0c6f0e3c2b4d1f8f6f9a1b2c3d4e5f")
    file = await page.ask("Upload a file", text, "POST", f"{ME}/files/upload", 200, json=body, headers=headers)
    path = f"{ME}/files/{file['data']['id']}"
    text = (
        "Those of the patient's cases, newest first, at most 1,000; `caseId` and `type` (`phi`, `general`) leave some. What is for "
        "staff alone is not among them, and a file of no case is found by its id."
    )
    await page.ask("List files", text, "GET", f"{ME}/files?caseId={case_id}&type=general", 200, **inside)
    text = "A link that works for 15 minutes without a credential. `GET …/metadata` shows the file as the list does."
    await page.ask("Read a file", text, "GET", f"{path}/download", 200, **inside)
    text = "Only who uploaded it may."
    await page.ask("Rename", text, "PATCH", f"{path}/metadata", 200, json={"fileName": "blood.txt"}, **inside)
    text = "Only who uploaded it may. The case keeps it, marked as deleted, and tells of it as `DELETE_ATTACHMENT`."
    await page.ask("Delete", text, "DELETE", path, 200, **inside)
