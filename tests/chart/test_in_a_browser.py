"""A case that has everything, in a real browser: it fits, and what is typed is kept on leaving, for whoever typed it alone.

CARELANE_PHOTOS names a folder for pictures of it.
"""

import os
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import expect

from carelane.sessions.access import COOKIE
from tests.chart.people import products
from tests.console.test_looks import _TOO_WIDE
from tests.console.world import PIXEL, sign_in
from tests.detail.asking import create_case
from tests.factories.calendar import book
from tests.factories.cases import case_body
from tests.factories.orders import add_item, place_order
from tests.factories.payments import charge
from tests.factories.staff import hire

# In the page: what in the decision's form is wider than the form.
_TOO_WIDE_INSIDE = """
() => {
  const sheet = document.querySelector("#decision"), right = sheet.getBoundingClientRect().right;
  const parts = [sheet, ...sheet.querySelectorAll("*:not(svg *, .unseen)")];
  return parts.filter((part) => part.getBoundingClientRect().right > right + 1
    || (part.scrollWidth > part.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(part).overflowX)))
    .map((part) => part.outerHTML.slice(0, 200));
}
"""
SIZES = [(1280, 1000), (1680, 1000), (360, 740)]


@pytest.fixture
async def member(services, harbor):
    return await sign_in(services, harbor, "CASEWORKER")


@pytest.fixture
async def case_id(services, client, harbor, email, member):
    """Flags, changes, messages, notes, a file, a visit, an order that failed; in the member's hands, with a template."""
    organization_id = UUID(harbor.organization_id)
    one = products(harbor.product_id)
    await create_case(client, harbor, case_body(harbor.product_id, email, products=one))
    answers = {"pain": True, "nausea": "Most weeks", "weight": "203 lb", "allergies": "Penicillin (hives)"}
    now = products(harbor.product_id, **answers, medicines="Levothyroxine 75 mcg, sertraline 50 mg")
    case_id = await create_case(client, harbor, case_body(harbor.product_id, email, products=now, forceCreate=True))
    headers = {"Authorization": f"Bearer {member.token}"}
    acts = [
        ("start", None),
        ("comment", {"text": "You may go to 0.5 mg next week. Write to us if it lasts.", "isRestricted": False}),
        ("comment", {"text": "She called about the belly pain as well.", "isRestricted": True}),
        ("files", {"name": "Driver license, front.png", "data": PIXEL, "mimeType": "image/png"}),
    ]
    for act, body in acts:
        done = await client.post(f"/api/staff/cases/{case_id}/{act}", json=body, headers=headers)
        assert done.status_code == 200, done.text
    text = {"text": "Dear {firstName}, keep the dose.", "outcome": "APPROVED", "medInfo": [{"medicine": "Semaglutide"}]}
    template = {"kind": "DECISION", "name": "GLP-1: keep the dose, side effects", "content": text}
    assert (await client.post("/api/staff/templates", json=template, headers=headers)).status_code == 200
    order_id = await place_order(services, organization_id, case_id, status="NEEDS_ATTENTION", pharmacy_name="Larkspur")
    await add_item(services, organization_id, order_id, "Semaglutide 0.5 mg/0.5 mL pen", "4 pens", 0)
    await charge(services, organization_id, case_id, 31800)
    visitor = await hire(services, organization_id, "Noor", "Haddad")
    visit = {"staff_id": visitor}
    await book(services, organization_id, case_id, "2199-01-05T15:00:00Z", "2199-01-05T15:20:00Z", **visit)
    return case_id


@pytest.fixture
async def tab(chromium, server):
    """A tab for a member, with script."""
    contexts = []

    async def open_tab(member):
        context = await chromium.new_context(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce")
        contexts.append(context)
        await context.add_cookies([{"name": COOKIE.name, "value": member.token, "url": server.url}])
        return await context.new_page()

    yield open_tab
    for context in contexts:
        await context.close()


async def test_a_case_with_everything_fits_and_keeps_what_is_typed(services, server, harbor, tab, member, case_id):
    page = await tab(member)
    address = f"{server.url}/console/cases/{case_id}"
    await page.goto(address)
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.evaluate(_TOO_WIDE) == [], width
        for text in ("Penicillin (hives)", "203 lb"):
            await expect(page.locator(".patient").get_by_text(text)).to_be_visible()
        for scheme in ("light", "dark"):
            if folder := os.environ.get("CARELANE_PHOTOS"):
                await page.emulate_media(color_scheme=scheme)
                for kind in (False, True):
                    name = f"case-{width}-{scheme}{'-whole' if kind else ''}.png"
                    await page.screenshot(path=Path(folder) / name, full_page=kind)
    # The last size is a phone's: there the decision is a sheet.
    await page.get_by_role("button", name="Open the decision").click()
    await page.locator("#decision").get_by_text("Approve", exact=True).click()
    await page.locator("#f-decisionText").fill("Pneumonoultramicroscopicsilicovolcanoconiosis" * 3)
    assert await page.evaluate(_TOO_WIDE) == []
    assert await page.evaluate(_TOO_WIDE_INSIDE) == []
    if folder := os.environ.get("CARELANE_PHOTOS"):
        await page.screenshot(path=Path(folder) / "sheet-360.png")
    await page.locator("#f-decisionText").fill("")
    await page.get_by_role("button", name="Back to the chart").click()
    await page.set_viewport_size({"width": 1280, "height": 1000})
    # Left before the pause is over: what was typed is sent on leaving the field.
    await page.locator("#f-text").fill("Half a sentence")
    async with page.expect_response("**/console/drafts") as kept:
        await page.locator("#f-decisionText").focus()
    assert (await kept.value).status == 200
    await page.goto(f"{server.url}/console")
    await page.goto(address)
    await expect(page.locator("#f-text")).to_have_value("Half a sentence")
    other = await tab(await sign_in(services, harbor, "CASEWORKER"))
    await other.goto(address)
    await expect(other.locator("#f-text")).to_have_value("")
    # A dropped file is chosen in its form, which says its name.
    await page.evaluate(
        "() => { const sent = new DataTransfer(); sent.items.add(new File(['x'], 'blood panel.txt', {type: 'text/plain'}));"
        " document.querySelector('[data-drop]').dispatchEvent(new DragEvent('drop', {dataTransfer: sent, bubbles: true, cancelable: true})); }"
    )
    assert await page.evaluate("() => document.querySelector('#f-file').files[0].name") == "blood panel.txt"
