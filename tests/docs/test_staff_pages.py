"""Pages of docs/api/ about staff and their work on cases, printed from real conversations."""

from typing import Any
from uuid import UUID

import pyotp

from carelane import permissions
from carelane.surfaces.docs.examples import CREATE_CASE
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.factories.accounts import bearer
from tests.factories.staff import hire

SESSIONS = "/api/staff/sessions"
CASES = "/api/staff/cases"
MEMBERS = "/api/staff/members"
WRONG_TOKEN = {"Authorization": "Bearer cvt_wrong"}
EVERYWHERE = (
    "Needs the token of [a session](staff-sessions.md). Errors are problems as RFC 9457 has them "
    "(`application/problem+json`): `type` is for programs, `title` and `detail` are for people."
)

_ABOUT_SESSIONS = """\
Members of staff sign in with the clinic's `tenant`, their e-mail address, their password and a six-digit code (TOTP); a SUPPORT,
who sees no health information, needs no code. A code works once. The session ends after 12 hours. Its token goes into
`Authorization: Bearer`; a browser gets the same token as a cookie (`HttpOnly`, `SameSite=Lax`), which is believed on a
writing request only if the browser says that it comes from the same origin.

In place of the code, `recoveryCode` takes one of the member's recovery codes. Passwords, second factors and recovery codes are set up in the
console, by their owner ([how members come in](../howto/sign-in.md)); `POST /api/staff/invitations` invites.

Five failures in a row lock the account for 15 minutes, five more for 30, and so on up to a day. Who may do what:"""


def _roles() -> str:
    head = (
        "| scope | allows | "
        + " | ".join(permissions.OF_ROLE)
        + " |\n"
        + "| --- " * (2 + len(permissions.OF_ROLE))
        + "|\n"
    )
    rows = (
        f"| `{scope}` | {meaning} | "
        + " | ".join("yes" if scope in of else "" for of in permissions.OF_ROLE.values())
        + " |"
        for scope, meaning in permissions.MEANINGS.items()
    )
    return head + "\n".join(rows)


def _credentials(demo: dict[str, object], who: str) -> dict[str, str]:
    code = pyotp.TOTP(str(demo[f"{who}TotpSecret"])).now()
    told = {name: str(demo[f"{who}{name.capitalize()}"]) for name in ("email", "password")}
    return {"tenant": str(demo["tenant"])} | told | {"totp": code}


async def test_page_of_staff_sessions(client, clinic, demo):
    page = ApiPage(client, clinic, "Staff: sessions and members")
    page.say(f"{_ABOUT_SESSIONS}\n\n{_roles()}")
    for who in ("staff", "admin"):
        page.hide(str(demo[f"{who}Password"]), "YOUR_PASSWORD")
    signed_in = await client.post(SESSIONS, json=_credentials(demo, "admin"))
    admin = {"Authorization": f"Bearer {signed_in.json()['token']}"}
    member = f"{MEMBERS}/{demo['staffId']}"
    # Whatever sessions other pages have opened.
    await client.delete(f"{member}/sessions", headers=admin)
    client.cookies.clear()
    clinician = _credentials(demo, "staff")
    entered = await page.ask("Sign in", "", "POST", SESSIONS, 200, json=clinician)
    token = {"Authorization": f"Bearer {entered['token']}"}
    await page.ask("Who am I?", "", "GET", "/api/staff/me", 200, headers=token)
    text = "`DELETE /api/staff/me/sessions/{id}` ends one of them, `PUT /api/staff/me/password` changes one's own password."
    await page.ask("Where am I signed in?", text, "GET", "/api/staff/me/sessions", 200, headers=token)
    text = "Newest first; `DELETE /api/staff/invitations/{id}` takes one back."
    await page.ask("Who is invited?", text, "GET", "/api/staff/invitations", 200, headers=admin)
    text = f"An ADMIN forgets the member's failures. `GET {MEMBERS}` lists all members in the same shape."
    await page.ask("Unlock a member", text, "POST", f"{member}/unlock", 200, headers=admin)
    await page.ask("Sign a member out everywhere", "", "DELETE", f"{member}/sessions", 200, headers=admin)
    await page.ask("Sign out", "", "DELETE", f"{SESSIONS}/current", 204, headers=admin)
    page.say_errors(
        "They are problems as RFC 9457 has them (`application/problem+json`): `type` is for programs, `title` and `detail` "
        "are for people."
    )
    text = "The same for every reason: an unknown tenant or address, a wrong password, a code that was used, a locked account."
    await page.ask("Refused", text, "POST", SESSIONS, 401, json=clinician)
    await page.ask("A field is missing", "", "POST", SESSIONS, 400, json={"tenant": demo["tenant"]})
    await page.ask("A session that has ended", "", "GET", "/api/staff/me", 401, headers=token)
    await page.ask("No session", "", "GET", "/api/staff/me", 401)
    check_printed(DOCS / "api" / "staff-sessions.md", page.text())


_ABOUT_CASES = """\
The clinic's people find cases in the queue, and act on one: `assign`, `unassign`, `start`, `comment`, `ask`, `decide`, `archive`,
`reopen`, `escalate`, `deescalate`, each a POST to `/api/staff/cases/{id}/{act}`. Every act locks the case: of two clinicians at
once one wins, and the other is told who. `possibleActs` in each answer names what may come next.

    OPEN → ASSIGNED → IN_PROGRESS → APPROVED | REJECTED | NO_DECISION

A case is APPROVED once every product was spoken of and one was approved. Approving prescribes: it needs an NPI, and a licence
that is good today in the patient's state."""


async def test_page_of_staff_cases(client, clinic, demo, services):
    organization_id, staff_id = UUID(clinic.organization_id), str(demo["staffId"])
    clinician = await bearer(services, organization_id, UUID(staff_id))
    case_id, short_id = await _new_case(client, clinic, clinician, "queue@example.com")
    page = ApiPage(client, clinic, "Staff: cases")
    page.say(f"{_ABOUT_CASES}\n\n{EVERYWHERE}")
    text = (
        "Oldest first; without `status`, those that wait for the clinic. `assignedTo` is a member's id, `me` or `none`; `q` is "
        "how the short id begins; `state`, `isEscalated`, `isArchived`, `awaitingPatient`, `limit` and `after` narrow and page."
    )
    await page.ask("The queue", text, "GET", f"{CASES}?status=OPEN&q={short_id}", 200, headers=clinician)
    await _act_on_case(page, f"{CASES}/{case_id}", clinician, staff_id, clinic.product_id)
    second, _ = await _new_case(client, clinic, clinician, "second@example.com")
    page.say_errors()
    await _ask_for_state_errors(page, clinician, staff_id, case_id, str(second))
    await _ask_for_decision_errors(page, clinician, f"{CASES}/{second}", clinic.product_id)
    support = await hire(services, organization_id, "Vera", "Lund", role="SUPPORT")
    token = await bearer(services, organization_id, support)
    await page.ask("No session", "", "GET", CASES, 401)
    await page.ask("A token that is none of ours", "", "GET", CASES, 401, headers=WRONG_TOKEN)
    await page.ask("A role without the scope", "", "GET", CASES, 403, headers=token)
    await page.ask("A filter that is none", "", "GET", f"{CASES}?status=LOST&limit=0", 400, headers=clinician)
    await page.ask("A case that is not there", "", "GET", f"{CASES}/{UNKNOWN_ID}/why", 404, headers=clinician)
    check_printed(DOCS / "api" / "staff-cases.md", page.text())


async def _new_case(client: CheckedClient, clinic: Clinic, clinician: dict[str, str], email: str) -> tuple[str, str]:
    """The ids of a case of a patient in New York: the long one, and the short one."""
    body = CREATE_CASE | {"user": CREATE_CASE["user"] | {"email": email}}
    made = await client.post("/api/v1/cases", headers=clinic.key, json=body)
    case_id = made.json()["data"]["caseId"]
    shown = await client.get(f"{CASES}/{case_id}", headers=clinician)
    return case_id, shown.json()["shortId"]


def _approval(product_id: str, **changes: Any) -> dict[str, Any]:
    medicine = {
        "medicine": "Semaglutide 0.25 mg",
        "dosage": "0.25 mg",
        "dosingFrequency": "once a week",
        "refillCount": 3,
    }
    usual = {"productId": product_id, "outcome": "APPROVED", "visitType": "ASYNC_TEXT_EMAIL"}
    dates = {"startDate": "2026-01-01", "endDate": "2099-01-01"}
    return {"decisions": [usual | dates | {"decisionText": "Fits the treatment.", "medInfo": [medicine]} | changes]}


async def _act_on_case(page: ApiPage, case: str, clinician: dict[str, str], staff_id: str, product_id: str) -> None:
    async def act(heading: str, text: str, name: str, body: Any = None) -> None:
        sent = {} if body is None else {"json": body}
        await page.ask(heading, text, "POST", f"{case}/{name}", 200, headers=clinician, **sent)

    text = "To an active CASEWORKER. If somebody has the case, `insteadOf` must name them."
    await act("Assign", text, "assign", {"staffId": staff_id})
    await act("Start", "One that nobody has is assigned to the caller on the way.", "start")
    text = "With `isRestricted` it is a note, which staff alone see. Both are encrypted."
    await act("Comment", text, "comment", {"text": "Welcome, and drink enough.", "isRestricted": False})
    text = "The question is a comment; `askedPatientAt` stands until the case is decided or archived."
    await act("Ask the patient", text, "ask", {"text": "Which other medicines do you take?"})
    await page.ask("Why does it stand there?", "", "GET", f"{case}/why", 200, headers=clinician)
    text = (
        "All decisions or none. `outcome` is `APPROVED`, `REJECTED` or `NO_DECISION`; an approval needs `medInfo`, `startDate` "
        "and `endDate`."
    )
    await act("Decide", text, "decide", _approval(product_id))
    await act(
        "Escalate", "Marks the case for a second look; the text becomes a note.", "escalate", {"text": "Please look."}
    )
    await act("Take the mark away", "", "deescalate")
    text = "`COMPLETE`, `INELIGIBLE`, `APPROVED`, `DENIED` or `RESOLVED`, and a note if you like."
    await act("Archive", text, "archive", {"reason": "COMPLETE"})
    await act(
        "Reopen", f"`GET {CASES}/{{id}}` gives the whole case, as the [case detail](case-detail.md) does.", "reopen"
    )


async def _ask_for_state_errors(
    page: ApiPage, clinician: dict[str, str], staff_id: str, case_id: str, second: str
) -> None:
    post = {"method": "POST", "headers": clinician}
    await page.ask("The state does not allow it", "", path=f"{CASES}/{case_id}/start", status=409, **post)
    given = {"staffId": staff_id}
    again = await page.client.post(f"{CASES}/{second}/start", headers=clinician)
    assert again.status_code == 200, again.text
    await page.ask("Somebody has the case", "", path=f"{CASES}/{second}/assign", status=409, json=given, **post)


async def _ask_for_decision_errors(page: ApiPage, clinician: dict[str, str], case: str, product_id: str) -> None:
    decide = {"method": "POST", "path": f"{case}/decide", "headers": clinician}
    wrong = _approval(product_id, endDate=None, medInfo=[])
    await page.ask("A decision that breaks rules", "", status=422, json=wrong, **decide)
    await page.ask("The body is not understood", "", status=400, json={"decisions": []}, **decide)
