"""The catalog's pages: what they show and do, over HTTP."""

import re
from uuid import UUID

import pytest
from playwright.async_api import expect

from carelane.sessions.access import COOKIE
from tests.console.world import sign_in
from tests.own_clinic import make_clinic

URL = "/console/catalog"
VERSION = re.compile(r'name="version" value="([0-9a-f]+)"')


@pytest.fixture(scope="module")
async def shop(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
async def ida(services, shop):
    return await sign_in(services, shop, "ADMIN")


@pytest.fixture
def page(client, ida):
    async def get(path, member=ida):
        answer = await client.get(f"{URL}{path}", cookies={COOKIE.name: member.token})
        assert answer.status_code == 200, answer.text[:500]
        return answer.text

    return get


@pytest.fixture
def send(client, ida):
    async def post(path, **fields):
        return await client.post(
            f"{URL}{path}",
            data={"form_token": ida.form_token, **fields},
            cookies={COOKIE.name: ida.token},
            headers={"sec-fetch-site": "same-origin"},
        )

    return post


def field(html, name):
    found = re.search(rf'name="{re.escape(name)}"[^>]*?value="([^"]*)"', html)
    return found[1] if found else None


def rows(html):
    return re.findall(r'data-row="([^"]+)"', html)


async def test_a_product_is_found_changed_and_archived(page, send, shop):
    one = f"/products/{shop.product_id}"
    assert shop.product_id in rows(await page("/products?q=abl"))
    assert rows(await page("/products?q=nothing-like-it")) == []
    shown = await page(one)
    assert field(shown, "price") == "159.00"
    fields = {"name": "Tablets", "price": "161.00", "type": "MEDICATION", "version": VERSION.search(shown)[1]}
    done = await send(f"{one}/change", **fields)
    assert done.headers["location"] == f"{URL}/products?done=changed"
    # The box was not ticked.
    assert shop.product_id not in rows(await page("/products"))
    assert shop.product_id in rows(await page("/products?state=archived"))


async def test_what_cannot_be_done_is_said_at_its_field_and_kept(send):
    refused = await send("/products/new/make", name="Drops", price="twelve", description="For the eyes")
    assert refused.status_code == 422
    assert 'id="e-price"' in refused.text
    assert field(refused.text, "price") == "twelve"
    assert "For the eyes" in refused.text
    dear = await send("/bundles/new/make", name="Box", price="10.00", initialDiscount="11.00")
    assert dear.status_code == 422
    assert 'id="e-initialDiscount"' in dear.text


async def test_who_was_slower_sees_what_changed_and_keeps_what_was_typed(page, send, shop):
    one = f"/bundles/{shop.bundle_id}"
    seen = VERSION.search(await page(one))[1]
    first = {"name": "Plan", "price": "99.99", "tag": "Loved", "isVisible": "true", "version": seen}
    assert (await send(f"{one}/change", **first)).status_code == 303
    late = {"name": "Plan of mine", "price": "98.00", "initialDiscount": "0.00", "isVisible": "true", "version": seen}
    refused = await send(f"{one}/change", **late)
    assert refused.status_code == 409
    assert "What is different now" in refused.text
    changes = re.search(r'<table class="changes">.*?</table>', refused.text, re.DOTALL)[0]
    assert re.findall(r"<td>(.*?)</td>", changes) == ["Plan", "Plan of mine", "99.99", "98.00", "Loved", "nothing"]
    assert field(refused.text, "name") == "Plan of mine"
    # Who has seen it may save it.
    again = late | {"version": VERSION.search(refused.text)[1]}
    assert (await send(f"{one}/change", **again)).status_code == 303


def asked(*texts, **more):
    return {f"questions[{index}].text": text for index, text in enumerate(texts)} | more


def order(html):
    return re.findall(r'<textarea id="f-questions\[\d+\]\.text".*?>\n(.*?)</textarea>', html, re.DOTALL)


async def test_questions_are_moved_without_saving_and_conditions_follow(page, send):
    conditions = {
        "questions[2].condition.questionIndex": "0",
        "questions[2].condition.response": "Yes",
        "name": "Intake",
    }
    typed = asked("One", "Two", "Three", **conditions)
    down = await send("/forms/new/make", **typed, act="down-0")
    assert down.status_code == 200
    assert order(down.text) == ["Two", "One", "Three"]
    asks_for = re.search(r'name="questions\[2\]\.condition\.questionIndex".*?</select>', down.text, re.DOTALL)[0]
    assert 'value="1" selected>2. One' in asks_for
    assert "data-focus" in down.text
    dragged = await send("/forms/new/make", **typed, act="to-2-0")
    assert order(dragged.text) == ["Three", "One", "Two"]
    assert order((await send("/forms/new/make", **typed, act="to-0-900")).text) == ["Two", "Three", "One"]
    gone = await send("/forms/new/make", **typed, act="remove-0")
    assert order(gone.text) == ["Two", "Three"]
    assert "Stops saving." in gone.text
    added = await send("/forms/new/make", **typed, act="add")
    assert order(added.text) == ["One", "Two", "Three", ""]
    assert "Intake" not in await page("/forms?state=all")


async def test_a_form_is_versioned_looked_over_and_compared(page, send):
    first = asked("Do you smoke?", "How much?", name="Smoking", isActive="true", **{"questions[0].type": "BOOLEAN"})
    assert (await send("/forms/new/make", **first)).status_code == 303
    form_id = rows(await page("/forms?q=Smoking"))[0]
    one = f"/forms/{form_id}"
    shown = await page(one)
    assert "Save version 2" in shown
    changed = first | {
        "questions[1].condition.questionIndex": "0",
        "questions[1].condition.response": "maybe",
        "questions[1].required": "true",
        "version": VERSION.search(shown)[1],
    }
    looked_over = await send(f"{one}/change", **changed, act="check")
    assert "The condition can never hold" in looked_over.text
    assert "nobody can reach it" in looked_over.text
    assert (await send(f"{one}/change", **changed)).status_code == 303
    compared = await page(f"{one}/versions")
    assert "“Do you smoke?” is maybe" in compared
    assert "Both ask the same" in await page(f"{one}/versions?before=1&now=1")
    seen = await page(f"{one}/preview")
    assert "Only if “Do you smoke?” is maybe" in seen
    assert f'action="{URL}' not in seen


async def test_what_stops_saving_is_said_under_its_question(send):
    empty = asked("Which?", name="Choice", **{"questions[0].type": "SINGLESELECT"})
    refused = await send("/forms/new/make", **empty)
    assert refused.status_code == 422
    assert 'id="e-questions[0].options"' in refused.text
    assert order(refused.text) == ["Which?"]


async def test_a_promo_code_is_good_by_the_clock_on_the_wall(client, services, shop, ida, page, send):
    fields = {"code": "NIGHT", "discountPercentage": "10", "startsAt": "2026-12-01T08:00", "isActive": "true"}
    made = await client.post(
        f"{URL}/promo-codes/new/make",
        data={"form_token": ida.form_token, **fields},
        cookies={COOKIE.name: ida.token, "carelane_zone": "America/New_York"},
        headers={"sec-fetch-site": "same-origin"},
    )
    assert made.status_code == 303
    async with services.db.reading(UUID(shop.organization_id)) as conn:
        cursor = await conn.execute(
            "SELECT starts_at FROM promo_codes WHERE organization_id = %s AND code = 'NIGHT'", (shop.organization_id,)
        )
        assert (await cursor.fetchall())[0][0].isoformat() == "2026-12-01T13:00:00+00:00"
    code_id = rows(await page("/promo-codes?q=NIGHT"))[0]
    both = fields | {"discountAmount": "5.00"}
    refused = await send(f"/promo-codes/{code_id}/change", **both)
    assert refused.status_code == 422
    assert 'id="e-discountPercentage"' in refused.text


async def test_taxes_locations_and_drugs_are_kept(page, send, shop):
    assert (
        await send("/locations/new/make", name="Pier", timezone="America/New_York", isActive="true")
    ).status_code == 303
    place = rows(await page("/locations?q=Pier"))[0]
    tax = {"name": "City tax", "percentage": "4.5", "scope": "SPECIFIC_CATEGORIES", "isActive": "true"}
    refused = await send("/taxes/new/make", **tax)
    assert 'id="e-categoryNames"' in refused.text
    made = await send("/taxes/new/make", **tax, categoryNames="Skin\nHair", locationIds=place)
    assert made.status_code == 303
    listed = await page("/taxes")
    assert "Skin, Hair" in listed
    assert "1 location" in listed
    drug = {"name": "Drops 5 mg", "code": "drops", "productId": shop.product_id, "isActive": "true"}
    assert (await send("/drugs/new/make", **drug)).status_code == 303
    twice = await send("/drugs/new/make", **drug)
    assert twice.status_code == 422
    assert 'id="e-code"' in twice.text


async def test_branding_keeps_what_the_page_does_not_show(client, services, page, send, shop, ida):
    headers = {"Authorization": f"Bearer {ida.token}"}
    api = "/api/staff/catalog/branding"
    body = {"name": "Shop", "linkName": f"shop-{shop.tenant[-8:]}", "footerLinksTextColor": "red", "faq": []}
    assert (await client.put(api, json=body, headers=headers)).status_code == 200
    shown = await page("/branding")
    fields = {name: field(shown, name) for name in ("name", "linkName")}
    changed = await send("/branding/change", **fields, tagline="At home", version=VERSION.search(shown)[1])
    assert changed.status_code == 303
    stands = (await client.get(api, headers=headers)).json()
    assert (stands["tagline"], stands["footerLinksTextColor"]) == ("At home", "red")
    stale = await send("/branding/change", **fields, tagline="Elsewhere", version=VERSION.search(shown)[1])
    assert stale.status_code == 409


async def test_who_may_only_see_cannot_save(services, shop, page):
    mia = await sign_in(services, shop, "CASEMANAGER")
    shown = await page(f"/bundles/{shop.bundle_id}", mia)
    assert "<fieldset" in shown
    assert "disabled" in shown
    assert "Save the changes" not in shown
    listed = await page("/products", mia)
    assert "/products/new" not in listed
    assert "/console/catalog/drugs" not in listed


async def test_a_question_is_dragged_to_its_place(chromium, server, send, page, ida):
    typed = asked("Where?", "When?", "Why?", "How?", name="Dragged", isActive="true")
    assert (await send("/forms/new/make", **typed)).status_code == 303
    form_id = rows(await page("/forms?q=Dragged"))[0]
    context = await chromium.new_context(base_url=server.url, viewport={"width": 1280, "height": 900})
    await context.add_cookies([{"name": COOKIE.name, "value": ida.token, "url": server.url}])
    tab = await context.new_page()
    said = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    await tab.goto(f"{URL}/forms/{form_id}")
    texts = tab.locator("textarea[name$='.text']")
    await texts.nth(0).fill("Where does it hurt?")
    await drag(tab, 2, 0)
    # What was typed stays; nothing is saved, and the keyboard is where the question is.
    await expect(texts.nth(1)).to_have_value("Where does it hurt?")
    assert [await texts.nth(index).input_value() for index in range(4)] == [
        "Why?",
        "Where does it hurt?",
        "When?",
        "How?",
    ]
    await expect(tab.get_by_role("button", name="Move question 1 down")).to_be_focused()
    await tab.keyboard.press("Enter")
    await expect(texts.nth(0)).to_have_value("Where does it hurt?")
    assert "Save version 2" in await tab.content()
    # Dropped where it was, or beside all of them, it stays.
    box = await tab.locator("[data-grip]").nth(1).bounding_box()
    await tab.mouse.move(box["x"] + 5, box["y"] + 5)
    await tab.mouse.down()
    await tab.mouse.move(2, box["y"] + 20)
    await tab.mouse.up()
    await expect(tab.locator("[data-dragged]")).to_have_count(0)
    assert await texts.nth(1).input_value() == "Why?"
    assert said == []
    await context.close()


async def drag(tab, number, to):
    """By the handle of one question, over another one."""
    grips = tab.locator("[data-grip]")
    await grips.nth(to).scroll_into_view_if_needed()
    await grips.nth(number).scroll_into_view_if_needed()
    box, wanted = await grips.nth(number).bounding_box(), await grips.nth(to).bounding_box()
    await tab.mouse.move(box["x"] + 5, box["y"] + 5)
    await tab.mouse.down()
    # To the edge of the window it scrolls until the other one is there.
    await tab.mouse.move(wanted["x"] + 30, max(wanted["y"] + 5, 20))
    await expect(tab.locator(f"[data-place='{to}']")).to_have_attribute("data-over", "")
    await tab.mouse.up()


async def test_without_script_questions_have_their_buttons_and_no_handles(chromium, server, ida):
    context = await chromium.new_context(base_url=server.url, java_script_enabled=False)
    await context.add_cookies([{"name": COOKIE.name, "value": ida.token, "url": server.url}])
    tab = await context.new_page()
    await tab.goto(f"{URL}/forms/new")
    await tab.get_by_role("button", name="Add a question").click()
    await tab.get_by_role("button", name="Move question 2 up").click()
    await expect(tab.get_by_role("button", name="Move question 1 down")).to_be_visible()
    await expect(tab.locator("[data-grip]").first).to_be_hidden()
    await context.close()
