"""A wide and a tall logo on patients' pages, and the previews, in a real Chromium: at a desk and on a phone, light and dark."""

import asyncio
import os
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import ViewportSize, expect

from carelane.bills.proof.access import receipt_link
from carelane.bills.proof.access import url_of as receipt_url
from carelane.calendar.access import EventType, booking_url
from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.organizations.logos.actions import set_logo
from carelane.organizations.logos.schemas import LogoIn
from carelane.payments.links.access import link_from
from carelane.payments.links.access import url_of as payment_url
from carelane.quotes.page.access import QuoteLink
from carelane.quotes.page.access import url_of as quote_url
from carelane.sessions.access import COOKIE
from tests.browser import opened_browser
from tests.charges.money import Till
from tests.console.world import sign_in
from tests.factories.quotes import make_quote
from tests.factories.rows import insert_link
from tests.pictures import png

DESK, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=360, height=740)
LOGOS = {"wide": png(1_800, 90), "tall": png(90, 1_800), "tiny": png(8, 8)}
# What is wider than the window, and whether the picture is there and keeps its shape.
_LOOK = """
() => {
  const logo = document.querySelector("header img.logo"), place = logo.getBoundingClientRect();
  return [document.documentElement.scrollWidth <= document.documentElement.clientWidth, logo.complete && logo.naturalWidth > 0,
    getComputedStyle(logo).objectFit, Math.round(place.height), place.right <= innerWidth];
}
"""


@pytest.fixture
def photos(tmp_path):
    folder = Path(os.environ.get("CARELANE_PHOTOS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def pages_of(client, services, own, base):
    """By name: the pages that say the clinic's name at their head."""
    organization_id, staff_id = UUID(own.organization_id), UUID(own.creator_id)
    hours = {"staff_id": staff_id, "timezone": "UTC", "appointment_minutes": 30, "hours": "[]", "exceptions": "[]"}
    await insert_link(services, organization_id, "staff_availability", **hours)
    quotes = [await make_quote(services, own, requires_verification=asks) for asks in (False, True)]
    till = await Till.open(client, services, own)
    payment_id, _ = await till.pay(await till.charge(10_000), 10_000)
    quote, identity = (quote_url(services.quote_link_key, base, QuoteLink(organization_id, one)) for one in quotes)
    return {
        "quote": quote,
        "identity": identity,
        "receipt": receipt_url(services.bill_link_key, base, receipt_link(organization_id, payment_id, clock.now())),
        "payment": payment_url(services.payment_link_key, base, link_from(organization_id, payment_id, 1, clock.now())),
        "booking": booking_url(services.calendar_link_key, base, EventType(organization_id, staff_id)),
    }


async def violations(chromium, url):
    """Of the same page in a window that minds no policy: a page that lets no script run lets axe wait for ever."""
    async with await chromium.new_context(bypass_csp=True, viewport=PHONE) as context:
        page = await context.new_page()
        await page.goto(url)
        await page.evaluate(AXE_SCRIPT)
        found = await asyncio.wait_for(page.evaluate("axe.run(document)"), 60)
    return [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]]


async def test_logos_fit_on_patients_pages(client, services, own, server, chromium, photos):
    urls = await pages_of(client, services, own, server.url)
    actor = system_actor(UUID(own.organization_id))
    async with opened_browser(chromium, DESK) as browser:
        for shape, content in LOGOS.items():
            await set_logo(services, actor, "pages", LogoIn(file=content), None)
            for name, url in urls.items():
                await browser.page.goto(url)
                for size in (DESK, PHONE):
                    await browser.page.set_viewport_size(size)
                    told = await browser.page.evaluate(_LOOK)
                    assert told[:3] == [True, True, "contain"], (shape, name, size)
                    assert 50 < told[3] < 64, (shape, name, size)
                    assert told[4], (shape, name, size)
                    await browser.photograph(photos, f"{name}-{shape}-{size['width']}")
        assert browser.complaints == [], browser.requested
        assert browser.hosts() == {urlsplit(server.url).netloc}
    for name, url in urls.items():
        assert await violations(chromium, url) == [], name


async def test_previews_open_in_a_tab_of_their_own(services, own, server, chromium, photos):
    ida = await sign_in(services, own, "ADMIN")
    await set_logo(services, system_actor(UUID(own.organization_id)), "pages", LogoIn(file=LOGOS["wide"]), None)
    async with opened_browser(chromium, DESK) as browser:
        await browser.context.add_cookies([{"name": COOKIE.name, "value": ida.token, "url": server.url}])
        await browser.page.goto(f"{server.url}/console/catalog/branding")
        await browser.page.get_by_label("Name of the clinic").fill("Typed Clinic")
        for button, heading in (("Preview a quote", "Your quote"), ("Preview a mail", "A quote from Typed Clinic")):
            async with browser.context.expect_page() as opened:
                await browser.page.get_by_role("button", name=button).click()
            tab = await opened.value
            await expect(tab.get_by_role("heading", name=heading)).to_be_visible()
            assert (
                await tab.evaluate("() => getComputedStyle(document.querySelector('main')).borderTopStyle") == "solid"
            )
            for size in (DESK, PHONE):
                await tab.set_viewport_size(size)
                await tab.screenshot(path=photos / f"{button.replace(' ', '-')}-{size['width']}.png", full_page=True)
            if button == "Preview a quote":
                assert await tab.evaluate("() => document.querySelector('.logo').naturalWidth") == 1_800
            await tab.close()
        await expect(browser.page.get_by_label("Name of the clinic")).to_have_value("Typed Clinic")
        assert browser.complaints == []
        assert browser.hosts() == {urlsplit(server.url).netloc}
