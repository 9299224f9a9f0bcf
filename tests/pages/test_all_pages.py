"""What all pages have in common: headers, who may send a form, cookies, templates."""

from datetime import timedelta

import pytest
from jinja2 import UndefinedError
from litestar import Request
from litestar.testing import RequestFactory

from carelane.kit import clock
from carelane.kit.errors import InvalidRequestError
from carelane.web.html.assets import Asset
from carelane.web.html.cookies import SessionCookie, SignedCookie, is_secure
from carelane.web.html.forms import MEDIA_TYPE, read_form
from carelane.web.html.pages import PATIENT_STYLES, Pages, make_environment, notice, see_other
from carelane.web.html.security import (
    PAGE_HEADERS,
    SCRIPTLESS_POLICY,
    STRICT_POLICY,
    ForeignFormError,
    may_act,
    with_form_target,
)

KEY = b"k" * 32
SESSION = SessionCookie("session", lifetime_seconds=600)
PROOF = SignedCookie("proof", lifetime_seconds=600)


def request(method="POST", body=b"", **headers: str) -> Request:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    made = getattr(RequestFactory(), method.lower())("/", headers=sent)
    made._body = body
    return made


# ---- headers


def test_nothing_is_loaded_from_elsewhere_and_nothing_inline_runs():
    for policy in (STRICT_POLICY, SCRIPTLESS_POLICY):
        directives = dict(directive.split(" ", 1) for directive in policy.split("; "))
        assert directives["default-src"] == directives["base-uri"] == directives["frame-ancestors"] == "'none'"
        assert directives["style-src"] == directives["form-action"] == "'self'"
        assert "unsafe" not in policy
        assert "http" not in policy
    assert "script-src" not in SCRIPTLESS_POLICY
    assert PAGE_HEADERS["Content-Security-Policy"] == SCRIPTLESS_POLICY


def test_a_form_may_lead_to_one_more_origin():
    policy = with_form_target(STRICT_POLICY, "https://pay.example")
    assert "form-action 'self' https://pay.example;" in policy
    assert policy.replace(" https://pay.example", "") == STRICT_POLICY


# ---- whose page sent it


def test_our_own_pages_may_act():
    assert may_act(request(sec_fetch_site="same-origin"), if_no_page=False)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "else"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_pages_of_other_sites_may_only_look(method, site):
    assert not may_act(request(method, sec_fetch_site=site), if_no_page=True)
    assert may_act(request("GET", sec_fetch_site=site), if_no_page=False)


@pytest.mark.parametrize("if_no_page", [True, False])
def test_when_no_page_sent_it_the_caller_decides(if_no_page):
    assert may_act(request(), if_no_page=if_no_page) is if_no_page
    assert may_act(request(sec_fetch_site="none"), if_no_page=if_no_page) is if_no_page


# ---- forms


async def test_a_form_is_read():
    form = await read_form(request(body=b"a=1&b=%C3%A4+x&c=", content_type=MEDIA_TYPE), max_fields=3)
    assert form == {"a": "1", "b": "ä x", "c": ""}


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/json", b"{}"),
        (MEDIA_TYPE, b"a=%ff"),
        (MEDIA_TYPE, b"a=\xff"),
        (MEDIA_TYPE, b"a=1&b=2&c=3&d=4"),
    ],
)
async def test_what_no_form_of_ours_sends_is_refused(media_type, body):
    with pytest.raises(InvalidRequestError):
        await read_form(request(body=body, content_type=media_type), max_fields=3)


async def test_a_form_of_another_site_is_refused():
    with pytest.raises(ForeignFormError):
        await read_form(request(content_type=MEDIA_TYPE, sec_fetch_site="cross-site"), max_fields=3)


# ---- cookies


def test_a_cookie_is_out_of_reach_of_scripts_and_other_sites():
    made = SESSION.make("value", path="/console", is_secure=True).to_header(header="")
    assert set(made.split("; ")) == {
        "session=value", "HttpOnly", "Max-Age=600", "Path=/console", "SameSite=lax", "Secure",
    }  # fmt: skip
    assert "Secure" not in SESSION.make("value", path="/", is_secure=False).to_header(header="")
    assert "Max-Age=0" in SESSION.remove(path="/", is_secure=True).to_header(header="")


def test_a_cookie_is_read_back_and_an_empty_one_is_none():
    assert SESSION.read(request(cookie="other=1; session=value")) == "value"
    assert SESSION.read(request(cookie="session=")) is None
    assert SESSION.read(request()) is None


def test_a_signed_cookie_is_good_for_its_body_until_it_expires():
    value = PROOF.issue(KEY, b"body")
    assert PROOF.is_good(KEY, b"body", value)
    assert not PROOF.is_good(KEY, b"ydob", value)
    assert not PROOF.is_good(KEY, b"body2", value)
    assert not PROOF.is_good(b"o" * 32, b"body", value)
    for presented in (None, "", "x", value[:-1], value + "A"):
        assert not PROOF.is_good(KEY, b"body", presented)
    with clock.moved(timedelta(seconds=599)):
        assert PROOF.is_good(KEY, b"body", value)
    with clock.moved(timedelta(seconds=601)):
        assert not PROOF.is_good(KEY, b"body", value)


@pytest.mark.parametrize(
    ("public_url", "expected"), [("https://a.example", True), ("http://a.example", False), (None, False)]
)
def test_the_public_address_says_whether_there_is_tls(public_url, expected):
    assert is_secure(request(), public_url) is expected


# ---- templates and assets


def test_a_template_escapes_and_knows_no_misspelled_name(tmp_path):
    (tmp_path / "page.html").write_text('{% extends "layout.html" %}{% block body %}<p>{{ text }}{% endblock %}')
    template = make_environment(tmp_path).get_template("page.html")
    values = {"title": "A <b>", "styles": "/page.css", "text": '<script>"'}
    assert "<p>&lt;script&gt;&#34;" in template.render(**values)
    assert "<title>A &lt;b&gt;</title>" in template.render(**values)
    with pytest.raises(UndefinedError):
        template.render(title="", styles="")


def test_a_notice_names_its_stylesheet_under_the_areas_own_path(tmp_path):
    answer = Pages(tmp_path, PATIENT_STYLES).render("/care/q", notice(404, "Not here", "Look elsewhere."))
    assert answer.status_code == 404
    assert "<h1>Not here</h1>\n<p>Look elsewhere.</p>" in answer.content
    assert f'href="{PATIENT_STYLES.url("/care/q")}"' in answer.content
    assert PAGE_HEADERS.items() <= answer.headers.items()


def test_after_a_form_the_browser_is_sent_to_a_page():
    answer = see_other("/q/x")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/q/x")
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_asset_has_another_address_whenever_it_changes(tmp_path):
    path = tmp_path / "page.css"
    urls = set()
    for text in ("a", "b", "a"):
        path.write_text(text)
        urls.add(Asset(path, "text/css").url("/q"))
    assert len(urls) == 2
    assert all(url.startswith(f"/q/{path.name}?v=") for url in urls)
    response = Asset(path, "text/css").response()
    assert (response.content, response.media_type) == ("a", "text/css")
    assert response.headers["Cache-Control"] == "public, max-age=86400"
