"""What storefronts, patients and members write is text on every page, never markup, a script, a header or an address."""

import base64
from html.parser import HTMLParser
from urllib.parse import urlencode
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio

from carelane.case_detail.files.actions import add_file
from carelane.case_detail.files.schemas import CaseFileIn
from carelane.kit.auth import system_actor
from carelane.kit.errors import RuleBrokenError
from carelane.sessions.access import COOKIE
from carelane.web.html.security import STRICT_POLICY
from tests.cases.bodies import case_body, question, with_questions
from tests.console.pages import FORMS, PAGES, every_form, every_page
from tests.console.world import PIXEL, make_world
from tests.factories.payments import charge
from tests.factories.rows import update_row

# No element of ours is called so; whoever ends an attribute, a text or a script begins one.
HOSTILE = "'\"--></title></script><hostile onload=alert(1)>{{7*7}}%0d%0aX-Evil: 1"
SCRIPT_LINK = "javascript:alert(document.domain)"


class Markup(HTMLParser):
    """The elements of a page, with what runs or leads somewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if tag in {"hostile", "style", "iframe", "object", "base"} or (tag == "script" and "src" not in named):
            self.wrong.append(tag)
        for name, value in attrs:
            leads_out = name in {"href", "src", "action", "formaction", "data-src"} and not _is_ours(value or "")
            if name.startswith("on") or name == "style" or leads_out:
                self.wrong.append(f"{tag} {name}={value}")


def _is_ours(address):
    at_home = address.startswith(("/", "#", "?")) and not address.startswith(("//", "/\\"))
    return not address or at_home or address.startswith("data:image/svg+xml")


def wrong_markup(html):
    parser = Markup()
    parser.feed(html)
    parser.close()
    return parser.wrong


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hostile_world(services, client, tmp_path_factory):
    """A clinic whose product, people and key are called so, too."""
    world = await make_world(services, client, tmp_path_factory.mktemp("hostile"), 1)
    clinic, organization_id = world.full, UUID(world.full.organization_id)
    body = case_body(clinic.product_id, metadata=HOSTILE)
    body["user"] |= {"firstName": HOSTILE, "lastName": SCRIPT_LINK, "gender": "female", "allergies": HOSTILE}
    body["user"]["address"] = {"addressLine1": HOSTILE, "city": HOSTILE, "state": "NY", "zipCode": "10001"}
    body = with_questions(body, question(HOSTILE, HOSTILE), question("Link?", SCRIPT_LINK), title=HOSTILE)
    made = await client.post("/api/v1/cases", headers=clinic.key, json=body)
    assert made.status_code == 200, made.text
    case_id = made.json()["data"]["caseId"]
    detail = await client.get("/api/v1/customer-case-detail", params={"caseId": case_id}, headers=clinic.key)
    file = CaseFileIn(name=f"{HOSTILE}.png".replace("/", ""), data=PIXEL, mime_type="image/png")
    added = await add_file(services, system_actor(organization_id), case_id, file, None)
    charged = await charge(services, organization_id, UUID(case_id), 15900)
    ids = {
        "case_id": case_id,
        "patient_id": str(detail.json()["caseDetail"]["submitter"]["id"]),
        "file_id": str(added.id),
        "payment_id": str(charged),
    }
    await update_row(services, organization_id, "products", UUID(clinic.product_id), name=HOSTILE)
    for member in world.staff.values():
        await update_row(services, organization_id, "staff", member.id, last_name=HOSTILE, title=HOSTILE[:20])
    await update_row(services, organization_id, "staff", UUID(world.ids["member_id"]), first_name=HOSTILE)
    return msgspec.structs.replace(world, ids=world.ids | ids)


@pytest.fixture
def look(hostile_world, ask):
    async def send(path, query=""):
        cookies = {"Cookie": f"{COOKIE.name}={hostile_world.staff['ADMIN'].token}"}
        return await ask.get(hostile_world.path(path, query), headers=cookies)

    return send


@pytest.mark.parametrize("path", every_page("page", "part"))
async def test_a_page_shows_it_as_text(look, hostile_world, path):
    example = PAGES[path]
    answer = await look(path, "q=javascript" if path == "/console/search" else example.query)
    assert answer.status_code == example.answer
    assert "x-evil" not in answer.headers
    assert wrong_markup(answer.text) == []
    if example.answer == 200 and example.kind == "page":
        assert answer.headers["content-security-policy"] == STRICT_POLICY
    # It does stand there: the member's own name is in the rail of each.
    if example.answer == 200 and not example.is_open and example.kind == "page":
        assert "&lt;hostile onload=alert(1)&gt;{{7*7}}" in answer.text


@pytest.mark.parametrize("path", every_page("page", "part"))
async def test_what_an_address_says_is_text_too(look, path):
    together = ("q", "after", "other", "state status view product", "done ended clinic next recovery")
    sent = [(names, HOSTILE) for names in together]
    sent += [(" ".join(together), text) for text in ("a\x00b", "9" * 2_000)]
    for names, text in sent:
        answer = await look(path, urlencode(dict.fromkeys(names.split(), text)))
        assert answer.status_code < 500, (names, text)
        assert wrong_markup(answer.text) == [], names
        assert "x-evil" not in answer.headers
        assert "evil" not in answer.headers.get("location", "").lower().partition("?")[0]


@pytest.mark.parametrize("text", [HOSTILE, "a\x00b\r\nX-Evil: 1", "\u202e" * 30_000], ids=["markup", "control", "long"])
@pytest.mark.parametrize("path", every_form())
async def test_what_a_form_sends_comes_back_as_text(ask, hostile_world, path, text):
    if FORMS[path].is_final:
        return
    member = hostile_world.staff["ADMIN"]
    body = dict.fromkeys(FORMS[path].fields, text) | {HOSTILE: HOSTILE, "text": HOSTILE, "next": f"//{HOSTILE}"}
    headers = {"Cookie": f"{COOKIE.name}={member.token}", "Sec-Fetch-Site": "same-origin"}
    answer = await ask.post(hostile_world.path(path), data=body | {"form_token": member.form_token}, headers=headers)
    assert answer.status_code < 500, answer.text
    # A mail that is looked at has whole addresses: a made-up link, and the logo's.
    shown = answer.text.replace('href="https://clinic.example/q/sample"', "").replace(
        f'src="{ask.base_url}/logos/', 'src="/logos/'
    )
    assert wrong_markup(shown) == []
    assert "x-evil" not in answer.headers
    assert _is_ours(answer.headers.get("location", ""))


@pytest.mark.parametrize(
    ("name", "mime_type", "data"),
    [
        ("page.html", "text/html", b"<hostile onload=alert(1)>"),
        ("drawing.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("picture.png", "image/png", b"<hostile onload=alert(1)>"),
        ("letter.pdf", "application/pdf", b"%PDF-1.4"),
        ('a"; filename="b.html\u202egnp.exe', "text/plain", b"plain"),
    ],
)
async def test_a_file_runs_nothing_here(services, ask, hostile_world, name, mime_type, data):
    clinic_id = UUID(hostile_world.full.organization_id)
    file = CaseFileIn(name=name, data=base64.b64encode(data).decode(), mime_type=mime_type)
    try:
        added = await add_file(services, system_actor(clinic_id), hostile_world.ids["case_id"], file, None)
    except RuleBrokenError:
        assert name != "letter.pdf"
        return
    path = f"/console/cases/{hostile_world.ids['case_id']}/files/{added.id}"
    answer = await ask.get(path, headers={"Cookie": f"{COOKIE.name}={hostile_world.staff['ADMIN'].token}"})
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    is_shown = answer.headers["content-disposition"].startswith("inline")
    assert not is_shown or answer.headers["content-type"] in {
        "image/png",
        "application/pdf",
        "text/plain; charset=utf-8",
    }
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "b.html" not in answer.headers["content-disposition"].partition("filename*")[0].replace('\\"', "")
