"""What the catalog's pages must not lose or change by the way: over HTTP."""

import re
from uuid import UUID

import pytest

from carelane.catalog.desk.queries import MOST_PARTS
from carelane.console.forms import MAX_FIELDS
from carelane.kit.auth import system_actor
from carelane.sessions.access import COOKIE
from tests.console.world import sign_in
from tests.own_clinic import make_clinic

URL = "/console/catalog"
VERSION = re.compile(r'name="version" value="([0-9a-f]+)"')


@pytest.fixture(scope="module")
async def shop(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="module")
async def ida(services, shop):
    return await sign_in(services, shop, "ADMIN")


@pytest.fixture
def page(client, ida):
    async def get(path, zone=""):
        answer = await client.get(f"{URL}{path}", cookies={COOKIE.name: ida.token, "carelane_zone": zone})
        assert answer.status_code == 200, answer.text[:500]
        return answer.text

    return get


@pytest.fixture
def send(client, ida):
    async def post(path, here="", **fields):
        return await client.post(
            f"{URL}{path}",
            data={"form_token": ida.form_token, **fields},
            cookies={COOKIE.name: ida.token, "carelane_zone": here},
            headers={"sec-fetch-site": "same-origin"},
        )

    return post


@pytest.fixture
def api(client, ida):
    async def call(method, path, **body):
        headers = {"Authorization": f"Bearer {ida.token}"}
        more = {"json": body} if body else {}
        answer = await client.request(method, f"/api/staff/catalog{path}", headers=headers, **more)
        assert answer.status_code in {200, 201}, answer.text[:500]
        return answer.json()

    return call


def ticked(html, name):
    return re.findall(rf'name="{name}" value="([^"]+)" checked', html)


def changes(html):
    """(what, now, typed) of the table."""
    table = re.search(r'<table class="changes">.*?</table>', html, re.DOTALL)
    rows = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td>', table[0]) if table else []
    return {what: (now, typed) for what, now, typed in rows}


_CROWD = """
INSERT INTO locations (id, organization_id, name) SELECT gen_random_uuid(), %s, 'Aa pier ' || n FROM generate_series(1, %s) n
"""


async def test_what_is_picked_stands_in_the_page_however_late_it_is_sorted(services, page, shop, api):
    place = (await api("POST", "/locations", name="Zz pier"))["id"]
    tax = await api("POST", "/taxes", name="Pier tax", percentage="1", locationIds=[place])
    async with services.db.transaction(system_actor(UUID(shop.organization_id))) as conn:
        await conn.execute(_CROWD, (shop.organization_id, MOST_PARTS))
    shown = await page(f"/taxes/{tax['id']}")
    assert ticked(shown, "locationIds") == [place]
    assert shown.count('name="locationIds"') == MOST_PARTS + 1


async def test_who_was_slower_sees_the_parts_that_changed_by_name(page, send, shop, api):
    one = f"/bundles/{shop.bundle_id}"
    stood = await api("GET", one)
    seen = VERSION.search(await page(one))[1]
    oil = await api("POST", "/products", name="Oil", price="5.00")
    members = {name: value for name, value in stood.items() if name not in {"id", "currency", "version"}}
    await api("PUT", one, **members | {"productIds": [shop.product_id, oil["id"]], "soldOutListText": "Back in May"})
    late = {"name": stood["name"], "price": stood["price"], "initialDiscount": stood["initialDiscount"]}
    late |= {"productIds": shop.product_id, "isVisible": "true", "version": seen}
    refused = await send(f"{one}/change", **late)
    assert refused.status_code == 409
    table = changes(refused.text)
    assert "Oil" in table["Products in it"][0]
    assert "Oil" not in table["Products in it"][1]
    assert table["Said in the list when it is sold out"] == ("Back in May", "nothing")


async def test_what_is_no_different_gets_no_newer_version(page, send, api):
    place = await api("POST", "/locations", name="Quay", city="Albany")
    one = f"/locations/{place['id']}"
    shown = await page(one)
    fields = {"name": "Quay 2", "city": "Albany", "timezone": place["timezone"], "isActive": "true"}
    fields |= {"country": place["country"] or "", "version": VERSION.search(shown)[1]}
    assert (await send(f"{one}/change", **fields)).status_code == 303
    again = await send(f"{one}/change", **fields)
    assert again.status_code == 409
    assert changes(again.text) == {}
    assert VERSION.search(again.text)[1] == fields["version"]
    assert "Open it again" in again.text


async def make_asked(api, name, *questions):
    return (await api("POST", "/forms", name=name, questions=list(questions)))["id"]


async def test_who_was_slower_sees_what_changed_about_a_question(page, send, api):
    form_id = await make_asked(api, "Slow", {"text": "One?", "type": "TEXT"}, {"text": "Two?", "type": "TEXT"})
    one = f"/forms/{form_id}"
    typed = {"name": "Slow", "isActive": "true", "version": VERSION.search(await page(one))[1]}
    typed |= {"questions[0].text": "One?", "questions[1].text": "Two?"}
    two = {"text": "Two?", "type": "SINGLESELECT", "options": ["A", "B"], "isPHI": True, "renderMode": "cards"}
    await api("PUT", one, name="Slow", questions=[two, {"text": "One?", "type": "TEXT"}])
    table = changes((await send(f"{one}/change", **typed)).text)
    assert table["Two?: Options"] == ("A, B", "nothing")
    assert table["Two?: Health information"] == ("yes", "no")
    assert table["Two?: Way it is shown"] == ("cards", "nothing")
    assert "One?" in table or "Two?" in table


@pytest.mark.parametrize("index", ["²", "abc", "-1"])
async def test_a_condition_that_asks_for_no_number_is_refused(send, index):
    fields = {"name": "Crafted", "questions[0].text": "One?", "questions[1].text": "Two?"}
    fields |= {"questions[1].condition.questionIndex": index, "questions[1].condition.response": "Yes"}
    refused = await send("/forms/new/make", **fields)
    assert refused.status_code == 422
    assert 'id="e-questions[1].condition.questionIndex"' in refused.text


FIELD = re.compile(r'<(?:input|textarea|select)[^>]* name="(questions\[[^"]+)"')


async def test_a_long_form_shows_no_more_than_can_be_sent(page, send, api):
    options = [f"Option {number}" for number in range(15)]
    long = [
        {"text": f"{n}?", "type": "SINGLESELECT", "options": options, "optionFlags": {"Option 3": "Odd"}}
        for n in range(60)
    ]
    one = f"/forms/{await make_asked(api, 'Long', *long)}"
    shown = await page(one)
    assert len(FIELD.findall(shown)) < MAX_FIELDS
    assert "Save version 2" in shown
    typed = {f"questions[{n}].{name}": text for n in range(60) for name, text in long_fields(n, options).items()}
    done = await send(f"{one}/change", **typed, name="Longer", isActive="true", version=VERSION.search(shown)[1])
    assert done.status_code == 303
    assert (await api("GET", one))["questions"][59]["optionFlags"] == {"Option 3": "Odd"}


def long_fields(number, options):
    flags = {"optionFlags[0].option": "Option 3", "optionFlags[0].text": "Odd"}
    return {"text": f"{number}?", "type": "SINGLESELECT", "options": "\n".join(options)} | flags


async def test_what_the_editor_would_rewrite_is_left_to_the_file(page, send, api):
    odd = await make_asked(api, "Odd", {"text": "Which?", "type": "SINGLESELECT", "options": ["Yes ", "No"]})
    shown = await page(f"/forms/{odd}")
    assert "Save version 2" not in shown
    assert "by the organization file" in shown
    fields = {"name": "Renamed", "questions[0].text": "Which?", "questions[0].type": "SINGLESELECT"}
    refused = await send(f"/forms/{odd}/change", **fields, **{"questions[0].options": "Yes\nNo"})
    assert refused.status_code == 409
    assert (await api("GET", f"/forms/{odd}"))["questions"][0]["options"] == ["Yes ", "No"]


async def test_the_editor_keeps_lines_of_a_hint_and_lists_of_one_response(page, send, api):
    first = {"text": "Pain?", "type": "SINGLESELECT", "options": ["Yes", "No"], "hint": "One\nTwo"}
    second = {"text": "Where?", "type": "TEXT", "condition": {"questionIndex": 0, "response": ["Yes"]}}
    one = f"/forms/{await make_asked(api, 'Lines', first, second)}"
    shown = await page(one)
    assert "One\nTwo</textarea>" in shown
    kept = 'name="questions[1].condition.isList" value="true"'
    assert kept in shown
    fields = {"questions[0].text": "Pain?", "questions[0].type": "SINGLESELECT", "questions[0].options": "Yes\nNo"}
    fields |= {"questions[0].hint": "One\r\nTwo", "questions[1].text": "Where?", "name": "Lines"}
    fields |= {"questions[1].condition.questionIndex": "0", "questions[1].condition.response": "Yes"}
    assert (await send(f"{one}/change", **fields, **{"questions[1].condition.isList": "true"})).status_code == 303
    stands = (await api("GET", one))["questions"]
    assert stands[0]["hint"] == "One\nTwo"
    assert stands[1]["condition"]["response"] == ["Yes"]


async def test_what_is_carried_is_ticked_compared_and_shown_to_storefronts(page, send, api):
    plain = {"text": "Allergies?", "type": "TEXT"}
    form_id = await make_asked(api, "Carried", plain)
    one = f"/forms/{form_id}"
    assert ticked(await page(one), re.escape("questions[0].carry")) == []
    fields = {"name": "Carried", "isActive": "true", "questions[0].text": "Allergies?", "questions[0].type": "TEXT"}
    assert (await send(f"{one}/change", **fields, **{"questions[0].carry": "true"})).status_code == 303
    assert ticked(await page(one), re.escape("questions[0].carry")) == ["true"]
    assert (await api("GET", one))["questions"][0]["carry"] is True
    compared = await api("GET", f"{one}/compared?before=1&now=2")
    assert compared["changes"][0]["parts"] == [{"what": "Carried", "before": "no", "now": "yes"}]
    fields |= {"questions[0].type": "FILE", "questions[0].carry": "true"}
    refused = await send(f"{one}/change", **fields)
    assert refused.status_code == 422
    assert "documents are not carried" in refused.text


async def test_lines_stand_in_fields_that_keep_them(page, api, shop):
    await api(
        "PUT", "/branding", name="Kept", linkName=f"kept-{shop.tenant[-8:]}", formHeaderText="A\nB", loginTitle="C\nD"
    )
    branding = await page("/branding")
    assert "\nA\nB</textarea>" in branding
    assert "\nC\nD</textarea>" in branding
    bundle = await api("POST", "/bundles", name="Lines", price="5.00", soldOutListText="E\nF", soldOutModalText="G\nH")
    shown = await page(f"/bundles/{bundle['id']}")
    assert "\nE\nF</textarea>" in shown
    assert "\nG\nH</textarea>" in shown


async def test_times_of_a_promo_code_stay_when_the_browser_is_elsewhere(page, send, api):
    at = "2026-12-01T13:00:00.250000Z"
    code = await api("POST", "/promo-codes", code="STAY", discountPercentage="10", startsAt=at)
    one = f"/promo-codes/{code['id']}"
    shown = await page(one, "America/New_York")
    assert 'name="zone" value="America/New_York"' in shown
    fields = {"code": "STAY", "discountPercentage": "10", "startsAt": "2026-12-01T08:00", "isActive": "true"}
    fields |= {"zone": "America/New_York", "version": VERSION.search(shown)[1], "label": "New"}
    assert (await send(f"{one}/change", "Asia/Tokyo", **fields)).status_code == 303
    stands = await api("GET", one)
    assert (stands["label"], stands["startsAt"]) == ("New", code["startsAt"])
    moved = fields | {"startsAt": "2026-12-01T09:00", "version": stands["version"]}
    assert (await send(f"{one}/change", "Asia/Tokyo", **moved)).status_code == 303
    assert (await api("GET", one))["startsAt"].startswith("2026-12-01T14:00:00")
