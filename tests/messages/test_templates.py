"""Mail in an organization's own words: what may stand in it, who may write it, and what leaves."""

import pytest
import pytest_asyncio

from carelane.kit.languages import speaking
from carelane.messages.mail import MailServer, _written
from carelane.messages.schemas import Content
from carelane.messages.templates.access import checked
from carelane.messages.templates.schemas import KINDS, VARIABLES, MailWordsIn, broken_rules
from carelane.messages.templates.views import ours, sample_values, show_plainly, write
from carelane.organizations.logos.schemas import LogoOut
from tests.own_clinic import make_clinic
from tests.review.people import employ

URL = "/api/staff/mail-templates"
QUOTE = f"{URL}/QUOTE/en"
GOOD = '<h1 style="color: #0b5c74; margin: 0 0 8px">Hi &lt;you&gt;</h1><p align="left">A<br>B <a href="{link}">see</a></p><ul><li>{message}</li></ul>'
session = pytest_asyncio.fixture(scope="session", loop_scope="session")


def words(**over):
    return {"subject": "{clinic} has a quote", "text": "Dear {firstName},\n\nsee {link}", "html": None} | over


# ---- what may stand in it


def test_what_is_good_is_written_as_it_was():
    found = checked(GOOD, VARIABLES["QUOTE"])
    assert (found.html, found.problems) == (GOOD, [])
    assert "style" not in found.plain
    assert 'href="{link}"' in found.plain


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<script>alert(1)</script>", "<script>"),
        ('<img src="https://x.example/pixel.gif">', "<img>"),
        ("<svg onload=alert(1)></svg>", "<svg>"),
        ('<iframe srcdoc="x"></iframe>', "<iframe>"),
        ('<form action="https://x.example"></form>', "<form>"),
        ("<style>p{}</style>", "<style>"),
        ('<p onclick="x">a</p>', "onclick"),
        ('<p class="x">a</p>', "class"),
        ('<a href="javascript:alert(1)">a</a>', "href"),
        ('<a href="http://x.example">a</a>', "href"),
        ('<a href="data:text/html,x">a</a>', "href"),
        ('<a href="{message}">a</a>', "href"),
        ('<a href=" https://x.example">a</a>', "href"),
        ("<p style=\"background-image: url('https://x.example')\">a</p>", "style"),
        ('<p style="background-color: url(x)">a</p>', "style"),
        ('<p style="color: red; position: fixed">a</p>', "position"),
        ("<p>a<!-- b --></p>", "comments"),
        ("<!doctype html><p>a</p>", "body"),
        ("<p><b>a</p></b>", "</b> before </p>"),
        ("<p>a", "</p> at the end"),
        ("a</p>", "</p> here"),
        ("<?php x ?>", "processing"),
    ],
)
def test_what_runs_loads_or_is_not_closed_is_refused_and_named(html, said):
    assert any(said in problem for problem in checked(html, VARIABLES["QUOTE"]).problems), html


def test_html_that_is_longer_as_it_is_kept_is_refused_and_named():
    html = f"<p>{'&' * 8_000}{{link}}</p>"
    (problem,) = broken_rules("QUOTE", MailWordsIn(**words(html=html)))
    assert problem.field == "html"
    assert "expected at most 40,000 characters as we write it" in problem.problem
    assert "it comes to 40,013" in problem.problem
    assert not [*broken_rules("QUOTE", MailWordsIn(**words(html=html[:3] + html[6:])))]


def test_what_is_no_element_is_text():
    assert checked("1 < 2 & 3 <p>&amp;lt;</p>", ()).html == "1 &lt; 2 &amp; 3 <p>&amp;lt;</p>"


@pytest.mark.parametrize(
    ("over", "field", "said"),
    [
        ({"text": "{patientName} {link}"}, "text", "{patientName}"),
        ({"subject": "{clinic} {code}"}, "subject", "{code}"),
        # Relays write subjects down, and a locked screen shows them.
        ({"subject": "{link}"}, "subject", "{link}"),
        ({"subject": "{clinic}: {message}"}, "subject", "{message}"),
        ({"html": "<p>&#123;nobody&#125; {link}</p>"}, "html", "{nobody}"),
        ({"html": "<p>{link} &#123;</p>"}, "html", "braces"),
        ({"html": "<p>{nobody} {link}</p>"}, "html", "{nobody}"),
        ({"text": "Hello"}, "text", "{link}"),
        ({"html": "<p>Hello</p>"}, "html", "{link}"),
        ({"text": "{{ link }} {link}"}, "text", "braces"),
        ({"text": "{link} }"}, "text", "braces"),
    ],
)
def test_a_variable_that_there_is_not_is_named(over, field, said):
    (problem,) = broken_rules("QUOTE", MailWordsIn(**words(**over)))
    assert (problem.field, said in problem.problem) == (field, True)


def test_values_are_text_and_what_has_none_leaves_no_gap():
    html = "<p>Dear {firstName}</p><ul><li>{message}</li><li>{link}</li></ul>"
    own = MailWordsIn(subject="{clinic}\nhas", text="Dear {firstName}\n\n{message}\n\n{link}", html=html)
    sent = write(
        "QUOTE", own, {"clinic": "<b>", "firstName": "", "message": "<i>\nNow", "link": "https://x"}, "a@b.example"
    )
    assert (sent.subject, sent.text) == ("<b> has", "<i>\nNow\n\nhttps://x\n")
    assert "<body>\n<ul><li>&lt;i&gt;<br>Now</li><li>https://x</li></ul>\n</body>" in sent.html


def test_what_makes_the_mail_of_use_stays_though_words_beside_it_have_no_value():
    html = '<p>Hello, {message} <a href="{link}">see</a></p><p>{message}</p>'
    own = MailWordsIn(subject="{clinic}", text="Hello {firstName}, {message}\nSee {link}\n\n{message}", html=html)
    sent = write("QUOTE", own, {"clinic": "Harbor", "firstName": "Ana", "link": "https://x"}, "a@b.example")
    assert sent.text == "Hello Ana, \nSee https://x\n"
    assert '<body>\n<p>Hello,  <a href="https://x">see</a></p>\n</body>' in sent.html
    assert "https://x" in show_plainly("QUOTE", html, {"link": "https://x"})


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", KINDS)
def test_our_own_words_are_a_good_template_and_nothing_stays_open(kind, language):
    with speaking(language):
        template = ours(kind)
        assert list(broken_rules(kind, template)) == []
        sent = write(kind, template, sample_values("Harbor", "today"), "a@b.example")
    assert not set("{}") & set(sent.subject + sent.text)
    assert "Harbor" in sent.subject + sent.text


def test_it_leaves_as_plain_text_and_html_and_the_invitation_after_both():
    server = MailServer("x", 25, None, None, starttls=False, sender="care@clinic.example")
    content = Content("a@b.example", "Hi", "Plain\n", html="<p>HTML</p>")
    message = _written(server, content, None)
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    invited = Content("a@b.example", "Hi", "Plain\n", "BEGIN:VCALENDAR", html="<p>HTML</p>")
    kinds = [part.get_content_type() for part in _written(server, invited, None).iter_parts()]
    assert kinds == ["multipart/alternative", "text/calendar"]


# ---- who may write it


@session
async def harbor(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("mail-words"))


@session
async def ada(services, harbor):
    return await employ(services, harbor, "Ada", role="ADMIN", npi=None, licenses={})


@session
async def stranger(services, tmp_path_factory):
    clinic = await make_clinic(services, tmp_path_factory.mktemp("mail-words-elsewhere"))
    return await employ(services, clinic, "Stranger", role="ADMIN", npi=None, licenses={})


async def test_words_are_read_changed_and_given_back(client, ada, stranger):
    listed = (await client.get(URL, headers=ada.headers)).json()["mailTemplates"]
    assert {(one["kind"], one["language"]) for one in listed} == {(kind, at) for kind in KINDS for at in ("en", "es")}
    first = (await client.get(QUOTE, headers=ada.headers)).json()
    assert (first["isOurs"], first["version"], first["subject"]) == (True, None, "A quote from {clinic}")
    changed = await client.put(QUOTE, json=words(html=GOOD), headers=ada.headers)
    assert changed.status_code == 200, changed.text
    assert changed.json() | {"updatedAt": None} == first | words(html=GOOD) | {
        "isOurs": False,
        "version": 1,
        "updatedAt": None,
    }
    assert (await client.put(QUOTE, json=words(), headers=ada.headers)).status_code == 409
    assert (await client.put(QUOTE, json=words(version=7), headers=ada.headers)).status_code == 409
    assert (await client.put(QUOTE, json=words(version=1), headers=ada.headers)).json()["version"] == 2
    assert (await client.get(QUOTE, headers=stranger.headers)).json()["isOurs"]
    assert (await client.get(f"{URL}/QUOTE/es", headers=ada.headers)).json()["isOurs"]
    assert (await client.post(f"{QUOTE}/reset", headers=ada.headers)).json() == first
    assert (await client.post(f"{QUOTE}/reset", headers=ada.headers)).json() == first
    assert (await client.put(QUOTE, json=words(version=2), headers=ada.headers)).status_code == 409
    # No version comes twice: what was read before the reset is stale for good.
    again = await client.put(QUOTE, json=words(), headers=ada.headers)
    assert again.json()["version"] > 2
    for version in (None, 1, 2):
        assert (await client.put(QUOTE, json=words(version=version), headers=ada.headers)).status_code == 409
    assert (await client.post(f"{QUOTE}/reset", headers=ada.headers)).json() == first


async def test_a_preview_keeps_nothing(client, ada):
    answer = await client.post(f"{URL}/QUOTE/es/preview", json=words(html=GOOD), headers=ada.headers)
    body = answer.json()
    assert body["text"].startswith("Dear Marisol,\n\nsee https://")
    assert '<html lang="es">' in body["html"]
    assert "Llámenos si tiene alguna duda." in body["plainHtml"]
    assert (await client.get(f"{URL}/QUOTE/es", headers=ada.headers)).json()["isOurs"]


async def test_who_may_not_and_what_cannot_be_read(client, services, harbor, ada):
    worker = await employ(services, harbor, "Ben")
    refused = {"method": "PUT", "url": QUOTE, "json": words()}
    assert (await client.request(**refused)).status_code == 401
    assert (await client.request(**refused, headers=worker.headers)).status_code == 403
    for end in ("NOTHING/en", "QUOTE/tlh", "quote/en"):
        assert (await client.get(f"{URL}/{end}", headers=ada.headers)).status_code == 404
    bad = await client.put(QUOTE, json=words(text="{nobody} {link}"), headers=ada.headers)
    assert bad.status_code == 422
    assert "{nobody}" in bad.text
    for body in ({}, words(subject=" "), words(more=1), words(html="x" * 40_001)):
        assert (await client.put(QUOTE, json=body, headers=ada.headers)).status_code == 400


@pytest.mark.parametrize(("size", "shown"), [((480, 56), (240, 28)), ((10, 560), (1, 56)), ((24, 8), (24, 8))])
def test_html_begins_with_the_logo_and_says_who_writes_without_it(size, shown):
    own = MailWordsIn(subject="{clinic}", text="{link}", html='<p><a href="{link}">see</a></p>')
    logo = LogoOut(url="https://care.example/logos/a", media_type="image/png", width=size[0], height=size[1], bytes=1)
    values = {"clinic": '"Harbor" & Sons', "link": "https://x"}
    sent = write("QUOTE", own, values, "a@b.example", logo)
    picture = (
        '<img src="https://care.example/logos/a" alt="&quot;Harbor&quot; &amp; Sons" '
        f'width="{shown[0]}" height="{shown[1]}">'
    )
    assert f"<body>\n<p>{picture}</p>\n<p><a" in sent.html
    assert "img" not in sent.text
    assert "img" not in write("QUOTE", own, values, "a@b.example").html
