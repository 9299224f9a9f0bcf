"""The pages in a real Chromium, on a desk and on a phone: what a patient sees and does, by mouse and by keyboard."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.browser import DESKTOP, PHONE, opened_browser

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


RIGHT = "one => one.getBoundingClientRect().right"


async def fits(page, width: int) -> bool:
    """Whether nothing sticks out at the right."""
    main = await page.get_by_role("main").evaluate(RIGHT)
    # Asked for one by one, hundreds of times would take ten seconds.
    inside = await page.locator("main *:visible").evaluate_all(f"all => all.map({RIGHT})")
    assert len(inside) > 1
    return main <= width and max(inside) <= main + 1


@SIZES
async def test_a_patient_moves_and_then_cancels(own, server, chromium, size, tmp_path):
    email = await own.patient()
    booked = await own.booked(email)
    async with opened_browser(chromium, size) as browser:
        page = browser.page
        await page.goto(booked["rescheduleURL"])
        await expect(page.get_by_role("heading", name="Choose another time")).to_be_visible()
        await browser.photograph(tmp_path, "times")
        assert await fits(page, size["width"])
        await page.get_by_role("link", name="Later times").click()
        await page.get_by_role("radio").nth(7).check()
        await page.get_by_role("button", name="Move the appointment").click()
        await expect(page.get_by_role("heading", name="Your appointment")).to_be_visible()
        await browser.photograph(tmp_path, "appointment")
        assert await fits(page, size["width"])
        (moved,) = await own.listed(email)
        assert moved["startDateTime"] != booked["startDateTime"]
        await page.get_by_role("link", name="Cancel").click()
        await browser.photograph(tmp_path, "cancel")
        assert await fits(page, size["width"])
        await page.get_by_label("Why?").fill("I feel fine")
        await page.get_by_role("button", name="Cancel the appointment").click()
        await expect(page.get_by_role("heading", name="This appointment is canceled")).to_be_visible()
        await browser.photograph(tmp_path, "canceled")
        assert browser.hosts() == {urlsplit(server.url).netloc}
        # A canceled appointment is answered 410, and that is all that the browser minded.
        assert [line for line in browser.complaints if "status of 410" not in line] == []
    assert await own.listed(email) == []


@SIZES
async def test_a_patient_books_by_keyboard(own, server, chromium, size, tmp_path):
    email = await own.patient()
    (ada,) = await own.clinicians()
    async with opened_browser(chromium, size) as browser:
        page = browser.page
        await page.goto(ada["calendlyLink"])
        await browser.photograph(tmp_path, "book")
        assert await fits(page, size["width"])
        await page.get_by_label("Times are shown in").select_option(label="Pacific time")
        await page.get_by_role("button", name="Change").press("Enter")
        await expect(
            page.get_by_role("radio", name="PST").or_(page.get_by_role("radio", name="PDT")).first
        ).to_be_visible()
        await page.get_by_role("radio").first.focus()
        await page.keyboard.press("ArrowRight")
        await page.get_by_label("Your e-mail address").focus()
        await page.keyboard.type(email)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
        assert browser.hosts() == {urlsplit(server.url).netloc}
        assert browser.complaints == []
    assert len(await own.listed(email)) == 1
