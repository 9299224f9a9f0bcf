"""What the page gives nobody: no forged link, no script, no other site, no cache, no address of anybody else's."""

import asyncio
import base64
import re
import time
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from carelane.app import create_litestar
from carelane.kit.auth import Actor
from carelane.kit.errors import ScopeMissingError
from carelane.permissions import GRANTABLE
from carelane.quotes.page.access import PATH, QuoteLink, read_link, reader_of, token_of, url_of
from carelane.quotes.page.actions import view_page
from carelane.quotes.reads import get_quote, preview_quote
from carelane.services import make_services
from carelane.settings import read_settings
from carelane.web.html.pages import PATIENT_STYLES
from tests.factories.quotes import LineMade, make_quote
from tests.factories.rows import update_row
from tests.quote_page.cast import RIGHT, rows_of, text_of

SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
KEY, LINK = b"k" * 32, QuoteLink(uuid4(), uuid4())
REQUIRED = {
    "content-security-policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
    "x-content-type-options": "nosniff",
}
FOREIGN = re.compile(
    r"(?:https?:)?//|url\(|@import|<script|javascript:|\son\w+=|<iframe|<img|<object|<embed|srcset|data:", re.IGNORECASE
)


def test_a_link_leads_to_its_quote():
    assert read_link(KEY, token_of(KEY, LINK)) == LINK
    assert url_of(KEY, "https://clinic.example/", LINK) == f"https://clinic.example/q/{token_of(KEY, LINK)}"
    assert len(token_of(KEY, LINK)) == 64
    for version in (2, 16_777_215):
        later = msgspec.structs.replace(LINK, version=version)
        assert read_link(KEY, token_of(KEY, later)) == later


def test_any_changed_letter_makes_it_another():
    token = token_of(KEY, LINK)
    for position, letter in enumerate(token):
        changed = token[:position] + ("A" if letter != "A" else "B") + token[position + 1 :]
        assert read_link(KEY, changed) is None


@pytest.mark.parametrize("other", ["", "A", "=" * 64, "é" * 64, "A" * 64, "A" * 10_000])
def test_what_is_no_token_leads_nowhere(other):
    assert read_link(KEY, other) is None


def test_another_key_signs_other_links():
    assert read_link(b"o" * 32, token_of(KEY, LINK)) is None


def forged(clinic, quote_id):
    """The right ids under a key of one's own."""
    return token_of(b"f" * 32, QuoteLink(UUID(clinic.organization_id), quote_id))


async def test_a_forged_link_is_unknown(services, own, reader):
    quote_id = await make_quote(services, own, requires_verification=False)
    path = reader.path_of(own, quote_id)
    raw = base64.urlsafe_b64encode(UUID(own.organization_id).bytes + quote_id.bytes + b"\0" * 16).decode()
    for token in (forged(own, quote_id), raw, path.rpartition("/")[2][::-1], str(quote_id), "x"):
        for answer in (
            await reader.client.get(f"{PATH}/{token}"),
            await reader.client.post(f"{PATH}/{token}/verify", data=RIGHT),
            await reader.answer(f"{PATH}/{token}", "accept"),
        ):
            assert answer.status_code == 404
            assert "This link leads nowhere" in text_of(answer)
            assert own.organization_id not in answer.text
    assert await rows_of(services, own, "SELECT status FROM quotes WHERE organization_id = %s") == [("SENT",)]


async def test_the_link_of_one_clinic_opens_nothing_of_another(services, own, other_clinic, reader):
    quote_id = await make_quote(services, own, requires_verification=False)
    assert (await reader.client.get(reader.path_of(other_clinic, quote_id))).status_code == 404


async def test_a_key_opens_no_page_and_a_patient_nothing_else(services, own):
    quote_id = await make_quote(services, own, requires_verification=False)
    link = QuoteLink(UUID(own.organization_id), quote_id)
    key = Actor(link.organization_id, "key", uuid4(), GRANTABLE)
    with pytest.raises(ScopeMissingError):
        await view_page(services, key, link, is_verified=True)
    reader = reader_of(link, None)
    assert (await view_page(services, reader, link, is_verified=False)).kind == "open"
    for read in (get_quote, preview_quote):
        with pytest.raises(ScopeMissingError):
            await read(services, reader, str(quote_id))


async def test_a_good_link_to_no_quote_is_unknown(own, reader):
    answer = await reader.client.get(reader.path_of(own, uuid4()))
    assert answer.status_code == 404
    assert "This link leads nowhere" in text_of(answer)


async def test_a_forged_link_costs_no_question_to_the_database(tmp_path):
    """Where no database can be reached, a forged link is answered as ever, and only a good one is not."""
    services = make_services(read_settings({}, data_dir=tmp_path, database_url="postgresql://127.0.0.1:1/none"))
    app = create_litestar(services.settings, services)
    app.state.services = services
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://page.example") as client:
        for token, status in ((token_of(b"f" * 32, LINK), 404), (token_of(services.quote_link_key, LINK), 503)):
            assert (await client.get(f"{PATH}/{token}")).status_code == status
            assert (await client.post(f"{PATH}/{token}/verify", data=RIGHT)).status_code == status


@pytest.mark.parametrize(
    "kind", ["verify", "quote", "ended", "unknown", "wrong", "changed", "method", "redirect", "too_large"]
)
async def test_whatever_is_answered_is_kept_by_nobody_and_loads_nothing(services, own, reader, kind):
    quote_id = await make_quote(
        services,
        own,
        requires_verification=kind in {"verify", "wrong"},
        status="EXPIRED" if kind == "ended" else "SENT",
    )
    path = reader.path_of(own, quote_id)
    answers = {
        "verify": lambda: reader.client.get(path),
        "quote": lambda: reader.client.get(path),
        "ended": lambda: reader.client.get(path),
        "unknown": lambda: reader.client.get(f"{PATH}/nothing"),
        "wrong": lambda: reader.client.post(f"{path}/verify", data=RIGHT | {"day": "1"}),
        "changed": lambda: reader.answer(path, "accept", revision=7),
        "method": lambda: reader.client.put(path),
        "redirect": lambda: reader.client.post(f"{path}/verify", data=RIGHT, follow_redirects=False),
        "too_large": lambda: reader.client.post(f"{path}/respond", data={"message": "x" * 70_000}),
    }
    expected = {
        "ended": 410,
        "unknown": 404,
        "wrong": 422,
        "changed": 409,
        "method": 405,
        "redirect": 303,
        "too_large": 413,
    }
    answer = await answers[kind]()
    assert answer.status_code == expected.get(kind, 200)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert REQUIRED.items() <= dict(answer.headers).items()
    assert FOREIGN.findall(answer.text) == []
    if kind != "redirect":
        assert answer.text.startswith("<!doctype html>")
        assert '<html lang="en">' in answer.text
        assert re.search(r"<h1>\S.*</h1>", answer.text)


def test_the_style_sheet_asks_for_nothing():
    assert FOREIGN.findall(PATIENT_STYLES.text) == []


async def test_the_style_sheet_is_ours_and_may_be_kept(services, own, reader):
    quote_id = await make_quote(services, own)
    shown = await reader.client.get(reader.path_of(own, quote_id))
    (href,) = re.findall(r'href="([^"]+)"', shown.text)
    assert href.startswith("/q/page.css?v=")
    styles = await reader.client.get(href)
    assert styles.headers["content-type"] == "text/css; charset=utf-8"
    assert styles.headers["cache-control"] == "public, max-age=86400"
    assert styles.text == PATIENT_STYLES.text


async def test_nothing_that_people_wrote_becomes_markup(services, own, reader):
    lines = (LineMade(description=SCRIPT),)
    words = {"title": SCRIPT, "description": SCRIPT, "terms": SCRIPT}
    quote_id = await make_quote(services, own, lines=lines, words=words, requires_verification=False)
    organization_id = UUID(own.organization_id)
    await update_row(services, organization_id, "products", UUID(own.product_id), name=SCRIPT)
    await update_row(services, organization_id, "locations", UUID(own.location_id), name=SCRIPT)
    shown = await reader.client.get(reader.path_of(own, quote_id))
    assert FOREIGN.findall(shown.text.replace("onerror=alert(1)&gt;", "")) == []
    assert shown.text.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 7
    answered = await reader.answer(reader.path_of(own, quote_id), "accept", message=SCRIPT)
    assert "<script" not in answered.text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_form_of_another_site_does_nothing(services, own, reader, site):
    quote_id = await make_quote(services, own, requires_verification=False)
    path = reader.path_of(own, quote_id)
    for action, fields in (("respond", {"answer": "accept", "revision": "1"}), ("verify", RIGHT)):
        answer = await reader.client.post(f"{path}/{action}", data=fields, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
        assert "did not come from our page" in text_of(answer)
    assert await rows_of(services, own, "SELECT status FROM quotes WHERE organization_id = %s") == [("SENT",)]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"answer": "accept", "revision": 1}'),
        ("text/plain", b"answer=accept&revision=1"),
        ("application/x-www-form-urlencoded", b"answer=accept&revision=1&message=%ff"),
        ("application/x-www-form-urlencoded", b"answer=accept&revision=1&message=\xff"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(40))),
        ("multipart/form-data; boundary=x", b"--x--"),
    ],
)
async def test_only_a_form_is_a_form(services, own, reader, content_type, body):
    quote_id = await make_quote(services, own, requires_verification=False)
    path = reader.path_of(own, quote_id)
    answer = await reader.client.post(f"{path}/respond", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == 400
    assert "cannot be read" in text_of(answer)


@pytest.mark.parametrize(
    ("method", "ending"), [("DELETE", ""), ("PUT", ""), ("POST", ""), ("GET", "/verify"), ("GET", "/respond")]
)
async def test_another_method_is_told_so(services, own, reader, method, ending):
    quote_id = await make_quote(services, own, requires_verification=False)
    answer = await reader.client.request(method, reader.path_of(own, quote_id) + ending)
    assert answer.status_code == 405
    assert answer.headers["allow"]
    assert "<h1>That did not work</h1>" in answer.text


async def test_an_unknown_path_beside_it_has_a_page(reader):
    answer = await reader.client.get(f"{PATH}/a/b/c")
    assert answer.status_code == 404
    assert "This link leads nowhere" in text_of(answer)


async def log_with(server, request_id):
    """The whole log, once the line of the request is in it: it is written after the answer has left."""
    file = server.data_dir.parent / f"{server.data_dir.name}.log"
    deadline = time.monotonic() + 10
    while request_id not in (log := file.read_text()):
        assert time.monotonic() < deadline, "the request has no line"
        await asyncio.sleep(0.02)
    return log


async def test_the_line_in_the_log_has_no_link(services, own, server, reader):
    quote_id = await make_quote(services, own, requires_verification=False)
    path = reader.path_of(own, quote_id)
    shown = await reader.client.get(path)
    log = await log_with(server, shown.headers["x-request-id"])
    assert path.rpartition("/")[2] not in log
    assert httpx.URL(path).path not in log


async def test_behind_a_proxy_with_a_path_all_links_have_it(services, own):
    settings = msgspec.structs.replace(services.settings, public_url="https://clinic.example/care/")
    proxied = msgspec.structs.replace(services, settings=settings)
    app = create_litestar(settings, proxied)
    app.state.services = proxied
    quote_id = await make_quote(services, own)
    token = token_of(services.quote_link_key, QuoteLink(UUID(own.organization_id), quote_id))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside") as client:
        shown = await client.get(f"{PATH}/{token}")
        assert f'action="/care/q/{token}/verify"' in shown.text
        for answer in (shown, await client.get(f"{PATH}/nothing")):
            assert 'href="/care/q/page.css?v=' in answer.text
        verified = await client.post(f"{PATH}/{token}/verify", data=RIGHT)
        assert verified.headers["Location"] == f"/care/q/{token}"
        assert {"Secure", f"Path=/care/q/{token}"} <= set(verified.headers["Set-Cookie"].split("; "))
