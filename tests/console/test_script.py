"""What the script adds: parts that refresh and never eat what is typed, keys, drafts, typed confirmation, dropped files.

The page is made of the parts that all pages are made of; the browser is handed it in place of an answer of the server's.
"""

import asyncio
import re

import pytest
import pytest_asyncio
from playwright.async_api import expect

from carelane.console.forms import Filled
from carelane.console.frame import HEADERS, _environment
from carelane.console.icons import sprite
from tests.browser import opened_browser

_PAGE = """
{% extends "base.html" %}{% import "parts.html" as p with context %}
{% block title %}Parts{% endblock %}
{% block body %}
<main id="main"><h1>Parts</h1>
{{ p.act("Next", "#next", key="n") }}
<label>Search <input id="q" data-key="/"></label>
{% call p.region("rows", "/console/test/rows", every=1) %}{{ first | safe }}{% endcall %}
{% call p.post("/console/test/refund", draft="reply:7") %}
{{ p.area("text", "Answer", more={"data-key": "r"}) }}{{ p.typed("again", "Type the amount", "$159.00") }}{{ p.drop("file", "File") }}
<span data-saved="Saved %s"></span><button class="danger">Refund $159.00</button>{% endcall %}
{{ p.keys() }}</main>
{% endblock %}
"""


def row(number, text="row"):
    return f'<p data-row="{number}"><a href="#r{number}">{text} {number}</a><input type="checkbox" aria-label="Pick {number}"></p>'


class Stage:
    """The page, what its part answers next, and which drafts came."""

    def __init__(self, page):
        self.page = page
        self.rows, self.tag, self.asked, self.drafts = [row(1), row(2)], '"1"', [], []
        self.more = ""

    async def answer_rows(self, route):
        self.asked.append(route.request.headers.get("if-none-match"))
        if self.asked[-1] == self.tag:
            await route.fulfill(status=304, headers={"ETag": self.tag})
            return
        await route.fulfill(
            body="".join(self.rows) + self.more, headers={"ETag": self.tag, "Content-Type": "text/html"}
        )

    async def answer_page(self, route):
        values = {"first": "".join(self.rows), "form": Filled(), "form_token": "t", "new_key": lambda: "k"}
        html = _environment().from_string(_PAGE).render(values)
        await route.fulfill(
            body=html.replace("<!--icons-->", sprite(html)), headers=dict(HEADERS) | {"Content-Type": "text/html"}
        )

    async def keep_draft(self, route):
        self.drafts.append(route.request.post_data)
        await route.fulfill(status=204)

    def change(self, *rows):
        self.rows, self.tag = list(rows), f'"{int(self.tag.strip(chr(34))) + 1}"'


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tab(server, chromium):
    context = await chromium.new_context(base_url=server.url)
    yield await context.new_page()
    await context.close()


@pytest.fixture
async def stage(tab):
    made = Stage(tab)
    await tab.unroute_all()
    await tab.route("**/console/test/page", made.answer_page)
    await tab.route("**/console/test/rows", made.answer_rows)
    await tab.route("**/console/drafts", made.keep_draft)
    await tab.goto("/console/test/page")
    return made


async def test_a_part_is_replaced_when_something_happened(stage):
    page = stage.page
    stage.more = '<svg class="unseen" data-sprite><symbol id="i-new" viewBox="0 0 1 1"></symbol></svg>'
    stage.change(row(1, "changed"), row(2), row(3))
    await expect(page.locator("[data-row]")).to_have_count(3)
    await expect(page.locator("[data-say]")).to_have_text("2 changes.")
    await expect(page.locator("svg[data-sprite] #i-new")).to_have_count(1)
    await expect(page.locator("#rows svg")).to_have_count(0)
    count = len(stage.asked)
    await page.wait_for_function("() => new Promise(done => setTimeout(() => done(true), 1300))")
    assert len(stage.asked) > count
    assert stage.asked[-1] == stage.tag


async def test_that_time_passes_is_no_news(stage):
    page = stage.page
    await page.get_by_role("link", name="row 2").focus()
    stage.change(row(1) + "<time>49 min</time>", row(2))
    await page.wait_for_event("response", lambda answer: answer.url.endswith("/rows"), timeout=4_000)
    await expect(page.locator("[data-offer]")).to_have_count(0)
    await expect(page.locator("[data-say]")).to_have_text("")


@pytest.mark.parametrize("use", ["focus", "pick", "picked before"])
async def test_a_part_in_use_is_left_alone_and_offers_the_news(stage, use):
    page = stage.page
    if use == "focus":
        await page.get_by_role("link", name="row 2").focus()
    elif use == "picked before":
        # The server showed it ticked, as after a form that was refused.
        stage.rows[0] = stage.rows[0].replace("<input", "<input checked")
        await page.goto("/console/test/page")
        await page.get_by_label("Search").focus()
    else:
        await page.get_by_label("Pick 1").check()
        await page.get_by_label("Search").focus()
    stage.change(row(1), row(3), row(4))
    offer = page.locator("[data-offer]")
    await expect(offer).to_contain_text("3 changes.")
    await expect(page.locator("[data-row]")).to_have_count(2)
    if use == "focus":
        await expect(page.get_by_role("link", name="row 2")).to_be_focused()
    else:
        await expect(page.get_by_label("Pick 1")).to_be_checked()
    await offer.get_by_role("button", name="Show").click()
    await expect(page.locator("[data-row]")).to_have_count(3)
    await expect(page.locator("#rows")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="row 1")).to_be_focused()
    await expect(offer).to_have_count(0)


async def test_keys_move_open_and_pick_outside_of_fields(stage):
    page = stage.page
    await page.keyboard.press("j")
    await expect(page.get_by_role("link", name="row 1")).to_be_focused()
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await expect(page.get_by_role("link", name="row 2")).to_be_focused()
    await page.keyboard.press("k")
    await page.keyboard.press("x")
    await expect(page.get_by_label("Pick 1")).to_be_checked()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("#r1$"))
    await page.keyboard.press("n")
    await expect(page).to_have_url(re.compile("#next$"))
    await page.keyboard.press("/")
    await expect(page.get_by_label("Search")).to_be_focused()
    await page.keyboard.type("njk?")
    await expect(page.get_by_label("Search")).to_have_value("njk?")
    await page.keyboard.press("Escape")
    await expect(page.get_by_label("Search")).not_to_be_focused()


async def test_the_keys_are_shown_and_escape_closes_them(stage):
    page = stage.page
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    await expect(dialog).to_be_visible()
    await expect(dialog).to_contain_text("Next")
    await page.keyboard.press("Escape")
    await expect(dialog).not_to_be_visible()


async def test_a_key_is_the_dialogs_for_as_long_as_that_is_open(stage):
    """The focus may stay in it for a moment after it was closed; what is pressed then is not lost."""
    page = stage.page
    await page.keyboard.press("?")
    pressed = """() => document.querySelector("#keys button").dispatchEvent(
        new KeyboardEvent("keydown", { key: "j", bubbles: true }))"""
    await page.evaluate(pressed)
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await expect(page.get_by_role("link", name="row 1")).not_to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Keys")).not_to_be_visible()
    await page.evaluate(pressed)
    await expect(page.get_by_role("link", name="row 1")).to_be_focused()


async def test_what_is_typed_is_saved_on_a_pause(stage):
    await stage.page.keyboard.press("r")
    await stage.page.keyboard.type("Dear")
    await expect(stage.page.locator("[data-saved]")).to_have_text(re.compile("Saved [0-9:]{5}"))
    assert len(stage.drafts) == 1
    assert "text=Dear" in stage.drafts[0]
    assert "draft=reply%3A7" in stage.drafts[0]
    assert "form_token=t" in stage.drafts[0]
    # And at once when the field is left.
    await stage.page.keyboard.type(" Iris")
    async with stage.page.expect_request("**/console/drafts", timeout=1_000) as leaving:
        await stage.page.get_by_label("Search").focus()
    assert "text=Dear+Iris" in ((await leaving.value).post_data or "")


async def test_another_form_waits_until_what_is_typed_is_saved(stage):
    """Else the page that answers it would show an empty field."""
    page, order = stage.page, []
    await page.unroute("**/console/drafts")

    async def save_slowly(route):
        await asyncio.sleep(0.2)
        order.append("saved")
        await route.fulfill(status=204)

    async def answer(route):
        order.append("sent")
        await route.fulfill(status=204)

    await page.route("**/console/drafts", save_slowly)
    await page.route("**/console/test/other", answer)
    await page.evaluate("""() => document.querySelector("#main").insertAdjacentHTML(
      "beforeend", "<form method=post action=/console/test/other><button>Take it</button></form>")""")
    await page.get_by_label("Answer").fill("typed")
    async with page.expect_response("**/console/test/other"):
        await page.get_by_role("button", name="Take it").click()
    assert order == ["saved", "sent"]


async def test_what_cannot_be_undone_waits_for_its_words(stage):
    button = stage.page.get_by_role("button", name="Refund")
    await expect(button).to_be_disabled()
    await stage.page.get_by_label("Type the amount").fill("$195.00")
    await expect(button).to_be_disabled()
    await stage.page.get_by_label("Type the amount").fill("$159.00")
    await expect(button).to_be_enabled()


async def test_a_dropped_file_is_chosen(stage):
    await stage.page.evaluate("""() => {
      const data = new DataTransfer();
      data.items.add(new File(["x"], "letter.pdf", { type: "application/pdf" }));
      document.querySelector("form[data-draft]").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
    }""")
    assert await stage.page.evaluate("() => document.querySelector('[type=file]').files[0].name") == "letter.pdf"


async def test_a_session_that_ended_is_said_and_takes_nothing_away(stage):
    await stage.page.get_by_label("Answer").fill("typed")

    async def refuse(route):
        await route.fulfill(status=401)

    await stage.page.route("**/console/test/rows", refuse)
    await expect(stage.page.locator("[data-say]")).to_contain_text("signed out")
    await expect(stage.page.get_by_label("Answer")).to_have_value("typed")


async def test_the_server_learns_where_the_browser_is(stage):
    names = {cookie["name"] for cookie in await stage.page.context.cookies()}
    assert "carelane_zone" in names


async def test_without_script_nothing_is_missing(server, chromium):
    async with opened_browser(chromium) as browser:
        await browser.page.goto(f"{server.url}/console/sign-in")
        await browser.page.get_by_role("button", name="Sign in").click()
        await expect(browser.page.get_by_role("alert")).to_be_visible()
