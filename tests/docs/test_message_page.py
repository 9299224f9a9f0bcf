"""The page of docs/api/ about mail and text messages, printed from a real conversation."""

from uuid import UUID

import pytest

from carelane.kit import clock
from carelane.messages.schemas import MEANINGS, Content
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.docs.test_staff_pages import EVERYWHERE
from tests.factories.rows import update_row
from tests.messages.cast import new_message, queue_message
from tests.own_clinic import make_clinic
from tests.review.people import Person, employ

MESSAGES = "/api/staff/messages"
_ABOUT = """\
What mail and text messages left, or did not, and why. None of these answers holds what a message says; of its recipient they show as
much as tells one from another, so a SUPPORT may read them.

    QUEUED → SENDING → SENT · FAILED · CANCELED

A message that is not taken is tried eight times, after waits that double, beginning with `CARELANE_MESSAGE_RETRY_SECONDS`; then, or
when it is refused for good, it is FAILED and `failure` says why. CANCELED: when it was due, it was no longer wanted. What a
message said is removed 30 days after it was settled, and `recipient` is null from then on; the rest goes after 400 days.
"""


def _kinds() -> str:
    rows = (f"| `{kind}` | {meaning} |" for kind, meaning in MEANINGS.items())
    return "\n".join(("| `kind` | what it does |", "| --- | --- |", *rows))


@pytest.fixture
async def own(services, tmp_path):
    """A clinic of the page's own: nothing but the page's messages are in its list."""
    return await make_clinic(services, tmp_path)


async def test_page_of_staff_messages(client, services, own):
    page = ApiPage(client, own, "Staff: messages")
    page.say(f"{_ABOUT}\n{_kinds()}\n\n{EVERYWHERE}")
    manager: Person = await employ(services, own, "Tomas", role="CASEMANAGER", npi=None, licenses={})
    quote = {"kind": "QUOTE_LINK", "record_kind": "quote", "content": Content("robin@patient.example")}
    # One after the other: ids of one millisecond are in no order.
    ((sent,), (failed,)) = [await queue_message(services, own, one) for one in (new_message(), new_message(**quote))]
    settled = {"due_at": None, "settled_at": clock.now(), "attempts": 1}
    refused = {"status": "FAILED", "failure": "SMTPRecipientsRefused 550"}
    for message_id, columns in ((sent, {"status": "SENT"}), (failed, refused)):
        await update_row(services, UUID(own.organization_id), "messages", message_id, **settled, **columns)
    text = (
        "Newest first. `status` may be repeated; `recordId` is the UUID of the case, quote or webhook endpoint that a message "
        "tells of; `after` and `limit` (1 to 100) page."
    )
    await page.ask("List", text, "GET", f"{MESSAGES}?status=FAILED&status=SENT", 200, headers=manager.headers)
    text = "For a message that is FAILED. It is QUEUED again with all its attempts, and the event `MESSAGE_RETRIED` says who did it."
    await page.ask("Send again", text, "POST", f"{MESSAGES}/{failed}/retry", 200, headers=manager.headers)
    page.say_errors()
    await page.ask("It was sent", "", "POST", f"{MESSAGES}/{sent}/retry", 409, headers=manager.headers)
    await page.ask(
        "A message that is not there", "", "POST", f"{MESSAGES}/{UNKNOWN_ID}/retry", 404, headers=manager.headers
    )
    await page.ask("A parameter is not understood", "", "GET", f"{MESSAGES}?recordId=7", 400, headers=manager.headers)
    clinician = await employ(services, own, "Cleo", role="CASEWORKER")
    await page.ask("A role without the scope", "", "POST", f"{MESSAGES}/{failed}/retry", 403, headers=clinician.headers)
    await page.ask("No session", "", "GET", MESSAGES, 401)
    check_printed(DOCS / "api" / "staff-messages.md", page.text())
