"""GET /docs: what it says of both dialects, searching it, its examples, and how it looks on a phone."""

import json
import os
import subprocess
import sys

import httpx
import pytest
from playwright.async_api import expect

from carelane.surfaces.docs.views import calls_of, matching, operations_of
from tests.browser import DESKTOP, PHONE, opened_browser
from tests.contract import the_document

DOCUMENT = the_document()
OPERATIONS = {operation["operationId"]: operation for operation in operations_of(DOCUMENT)}


@pytest.fixture
async def plain(server):
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        yield client


@pytest.fixture
def environment(server, clinic):
    own = {"CARELANE_URL": server.url, "CARELANE_KEY": clinic.api_key, "CARELANE_TENANT": clinic.tenant}
    return os.environ | own


async def test_it_names_the_headers_of_both_dialects(plain):
    text = (await plain.get("/docs")).text
    for header in ("cv-api-key", "API-KEY", "TENANT", "Authorization", "Idempotency-Key", "Retry-After"):
        assert header in text.partition("<section")[0], header


@pytest.mark.parametrize(
    ("searched", "found"),
    [
        ("cart expire-old", {"expireOldCarts"}),
        ("CART  EXPIRE-old", {"expireOldCarts"}),
        ("customer-case-detail", {"getCaseDetail"}),
        ("nothing-like-this", set()),
    ],
)
async def test_a_search_finds_what_has_every_word(plain, searched, found):
    assert {operation["operationId"] for operation in matching(list(OPERATIONS.values()), searched)} == found
    text = (await plain.get("/docs", params={"q": searched})).text
    assert {name for name in OPERATIONS if f'href="/docs#{name}"' in text} == found


@pytest.mark.parametrize("searched", ["<script>alert(1)</script>", '" onfocus="x', "a" * 5_000, "\x00", "%", " "])
async def test_what_is_searched_for_is_shown_as_text(plain, searched):
    answer = await plain.get("/docs", params={"q": searched})
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert '" onfocus=' not in answer.text
    assert "a" * 101 not in answer.text


async def test_what_is_searched_for_may_be_named_once_only(plain):
    assert (await plain.get("/docs?q=a&q=b")).status_code in (200, 400)


def test_each_operation_is_called_in_three_languages():
    for name, operation in OPERATIONS.items():
        calls = calls_of(operation)
        assert set(calls) == {"curl", "Python", "JavaScript"}, name
        assert "{" not in calls["curl"].partition("\n")[0].replace("${", ""), name


@pytest.mark.parametrize("name", ["listBundles", "createCase", "createCart", "issueToken"])
def test_the_examples_for_the_shell_and_python_run(environment, name):
    """Whatever the server makes of the values: it understood the call, so it is neither 404 nor 405, nor an unknown key."""
    calls = calls_of(OPERATIONS[name])
    curl = calls["curl"].replace("curl ", "curl -sS -o /dev/null -w '%{http_code}' ", 1)
    shell = subprocess.run(
        ["bash", "-c", curl], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    python = subprocess.run(
        [sys.executable, "-c", calls["Python"]], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    for told in (shell.stdout, python.stdout):
        assert told[:3] in {"200", "400", "401", "404", "409", "422"}, told
    assert ("createC" not in name) or shell.stdout[:3] != "401"


def test_the_example_for_javascript_holds_the_body_as_json():
    text = calls_of(OPERATIONS["createCart"])["JavaScript"]
    body = text.partition("JSON.stringify(")[2].partition("),\n});")[0]
    assert json.loads(body)["status"] == "DRAFT"


def test_a_parameter_of_an_address_stands_in_capitals():
    assert calls_of(OPERATIONS["archiveCart"])["curl"].startswith('curl -X DELETE "$CARELANE_URL/billing/cart/CART_ID"')
    assert "grant_type=client_credentials" in calls_of(OPERATIONS["issueToken"])["curl"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_it_fits_and_a_phone_shows_content_first(server, chromium, size, tmp_path):
    async with opened_browser(chromium, size) as browser:
        page = browser.page
        await page.goto(f"{server.url}/docs")
        assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        heading = await page.get_by_role("heading", name="Carelane: API reference").bounding_box()
        assert heading is not None
        assert heading["y"] < 100
        await page.get_by_role("searchbox").fill("quote respond")
        await page.get_by_role("button", name="Search").click()
        await expect(page.get_by_text("with quote respond")).to_be_visible()
        await browser.photograph(tmp_path, "results")
        await page.get_by_role("link", name=OPERATIONS["respondToQuote"]["summary"]).click()
        await expect(page).to_have_url(f"{server.url}/docs#respondToQuote")
        assert not browser.complaints
