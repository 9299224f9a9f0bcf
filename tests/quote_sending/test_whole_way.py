"""From a cart to a charge, by the public routes, the patient's mail, and a real browser."""

from urllib.parse import urlsplit
from uuid import UUID

from playwright.async_api import expect

from tests.browser import PHONE, opened_browser
from tests.quote_sending.world import PUBLIC_URL, clinic_of


async def test_a_cart_is_quoted_mailed_changed_accepted_and_charged(world, tmp_path, chromium):
    own, address = await clinic_of(world.services, tmp_path, date_of_birth="1985-03-27")

    async def post(path, **body):
        answer = await world.client.post(path, json=body, headers=own.billing)
        assert answer.status_code == 200, answer.text
        return answer.json()

    items = [{"itemId": own.item_id, "quantity": 1.5, "discountPercentage": 10, "notes": "for you"}]
    items.append({"packageId": own.package_id, "quantity": 1})
    cart = await post("/billing/cart", patientId=own.patient_id, creatorId=own.creator_id, items=items)
    quote = await post(
        "/billing/quote", cartId=cart["id"], creatorId=own.creator_id, patientId=own.patient_id, title="Spring plan"
    )
    await post("/billing/quote/send", quoteId=quote["id"], method="email", message="Until Friday?")
    await world.settled(own, UUID(quote["id"]))
    (text,) = world.mails_to(address)
    (url,) = [word for word in text.split() if word.startswith(PUBLIC_URL)]
    here = str(world.client.base_url).rstrip("/")
    async with opened_browser(chromium, PHONE) as browser:
        page = browser.page
        await page.goto(here + urlsplit(url).path)
        for label, words in (("Last name", "Vale"), ("Month", "3"), ("Day", "27"), ("Year", "1985")):
            await page.get_by_label(label, exact=True).fill(words)
        await page.get_by_role("button", name="Show the quote").click()
        await expect(page.get_by_role("row", name="Tablets")).to_contain_text("$214.65")
        await expect(page.get_by_role("button", name="Accept for $314.64")).to_be_visible()
        # While the patient reads, the clinic takes something off.
        changed = await world.client.put(
            f"/billing/quote/{quote['id']}", json={"discountAmount": 1_464}, headers=own.billing
        )
        assert changed.status_code == 200, changed.text
        await page.get_by_role("button", name="Accept for $314.64").click()
        await expect(page.get_by_role("alert")).to_contain_text("has changed this quote")
        await page.get_by_role("button", name="Accept for $300.00").click()
        await expect(page.get_by_role("status")).to_contain_text("You accepted this quote")
        assert browser.hosts() == {urlsplit(here).netloc}
    charge = await post("/billing/quote/convert-to-charge", quoteId=quote["id"])
    assert charge["total"] == 30_000
    shown = await world.client.get(f"/billing/quote/{quote['id']}", headers=own.billing)
    assert shown.json()["status"] == "CONVERTED"
