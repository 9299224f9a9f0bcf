"""The page of docs/api/ about mail in an organization's own words, printed from a real conversation."""

import pytest

from carelane.messages.templates.access import ELEMENTS
from carelane.messages.templates.schemas import VARIABLES
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage
from tests.docs.test_staff_pages import EVERYWHERE
from tests.own_clinic import make_clinic
from tests.review.people import employ

URL = "/api/staff/mail-templates"
_ABOUT = """\
Mail to patients says our words until an administrator writes others: a subject, plain text, and HTML if wanted, for each kind and
language. With HTML the mail leaves as `multipart/alternative`. A patient gets the language that a storefront named
(`languagePreferences`), else that of the page on which they last answered, else the organization's. Text messages stay ours.

Variables stand in braces; another one, or a brace that belongs to none, is a 422 that names it. The first variable of a kind must stand in text and
HTML. A subject is seen on the way and on locked screens: of the variables, `{clinic}`, `{provider}`, `{when}` and `{code}` may
stand in it. Values are escaped in HTML. A paragraph (`<p>`, `<li>`, or text between empty lines) with a variable that has no value is left
out. HTML is checked against a list and then written anew by us (with at most 40,000 characters then): nothing runs, and nothing is loaded but the
clinic's [logo](staff-catalog.md), which we put above it, as large as 240 x 56 pixels, with the clinic's name where pictures are not shown. Links lead to `https:`,
`mailto:`, `tel:` or a variable with a link. These elements may stand in it:"""
_UNSUBSCRIBE = (
    "All of this mail answers something that the patient or the clinic did (a quote, a payment, an appointment, a code), so none has a link or a header to "
    "unsubscribe: Carelane sends no news and no advertising."
)


def _kinds() -> str:
    rows = (f"| `{kind}` | {' '.join(f'`{{{name}}}`' for name in names)} |" for kind, names in VARIABLES.items())
    return "\n".join(("| `kind` | variables |", "| --- | --- |", *rows))


@pytest.fixture
async def own(services, tmp_path):
    return await make_clinic(services, tmp_path, name="Harbor Health")


async def test_page_of_mail_templates(client, services, own):
    page = ApiPage(client, own, "Staff: mail templates")
    elements = " ".join(f"`{name}`" for name in sorted(ELEMENTS))
    page.say(f"{_ABOUT} {elements}.\n\n{_UNSUBSCRIBE}\n\n{_kinds()}\n\n{EVERYWHERE}")
    admin = (await employ(services, own, "Nora", role="ADMIN", npi=None, licenses={})).headers
    one = f"{URL}/RECEIPT/en"
    text = "Ours, as nearly as a template can say them. `GET /api/staff/mail-templates` lists every kind in every language."
    await page.ask("Get", text, "GET", one, 200, headers=admin)
    words = {
        "subject": "Thank you from {clinic}",
        "text": "Your receipt is here:\n{link}",
        "html": '<p style="color: #0b5c74"><a href="{link}">Your receipt</a></p>',
    }
    text = "Nothing is kept. `plainHtml` is the body without its looks, for a page of one's own."
    await page.ask("Preview", text, "POST", f"{one}/preview", 200, headers=admin, json=words)
    text = "`version` is the one that was read, null where the words were ours; anything else is a 409."
    await page.ask("Change", text, "PUT", one, 200, headers=admin, json=words | {"version": None})
    await page.ask("Go back to our words", "", "POST", f"{one}/reset", 200, headers=admin)
    page.say_errors()
    wrong = words | {"text": "{patientName}, see {link}", "html": "<script>x</script><p>{link}</p>"}
    await page.ask("Words that cannot be", "", "PUT", one, 422, headers=admin, json=wrong)
    await page.ask("An unknown kind", "", "GET", f"{URL}/NEWS/en", 404, headers=admin)
    await page.ask("No session", "", "GET", URL, 401)
    check_printed(DOCS / "api" / "staff-mail-templates.md", page.text())
