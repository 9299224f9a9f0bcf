"""A quote is changed by page while nobody has answered it: what was touched, and not over what somebody else changed."""

import html as text_of
import re
from uuid import UUID

import pytest

from carelane.sessions.access import COOKIE
from tests.console.test_catalog_kept import changes
from tests.console.world import sign_in
from tests.factories.carts import item, make_cart
from tests.own_clinic import make_clinic

URL, API = "/console/billing/quotes", "/api/staff/billing/quote"


@pytest.fixture(scope="module")
async def clinic(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("quotes"))


@pytest.fixture(scope="module")
async def ines(services, clinic):
    return await sign_in(services, clinic, "ADMIN")


@pytest.fixture
async def quote(client, clinic):
    """One of a cart with a line of $159.00."""
    cart = await make_cart(client, clinic, item(clinic))
    body = {"patientId": clinic.patient_id, "cartId": cart["id"], "creatorId": clinic.creator_id, "title": "The summer"}
    body |= {"terms": "Pay within a week.", "validUntilDate": "2099-12-31T12:34:56Z"}
    made = await client.post("/billing/quote", json=body, headers=clinic.billing)
    assert made.status_code == 200, made.text
    return made.json()["id"]


@pytest.fixture
def look(client, ines):
    async def get(path, status=200):
        answer = await client.get(f"{URL}/{path}", headers={"Cookie": f"{COOKIE.name}={ines.token}"})
        assert answer.status_code == status, answer.text[:1000]
        return text_of.unescape(answer.text)

    return get


@pytest.fixture
def send(client, ines):
    async def post(path, status=303, **fields):
        headers = {"Cookie": f"{COOKIE.name}={ines.token}", "Sec-Fetch-Site": "same-origin"}
        answer = await client.post(f"{URL}/{path}", data={"form_token": ines.form_token, **fields}, headers=headers)
        assert answer.status_code == status, answer.text[:2000]
        return text_of.unescape(answer.text)

    return post


@pytest.fixture
def stands(client, clinic):
    async def get(ref):
        return (await client.get(f"/billing/quote/{ref}", headers=clinic.billing)).json()

    return get


def filled(html, path):
    """The fields of the form that goes to `path`, as a browser sends them."""
    form = html.partition(f'<form method="post" action="{path}"')[2].partition("</form>")[0]
    named = re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', form)
    areas = re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL)
    return {name: text for name, text in [*named, *areas] if name != "form_token"}


async def test_what_was_touched_is_changed_and_the_rest_stays_to_the_second(look, send, stands, quote):
    assert f"{URL}/{quote}/edit" in await look(quote)
    form = filled(await look(f"{quote}/edit"), f"{URL}/{quote}/edit/change")
    assert (form["w-title"], form["w-terms"], form["w-description"]) == ("The summer", "Pay within a week.", "")
    await send(
        f"{quote}/edit/change", **(form | {"w-title": "The autumn", "w-terms": "", "w-discountPercentage": "10"})
    )
    now = await stands(quote)
    assert (now["title"], now["terms"], now["total"]) == ("The autumn", "", 14310)
    assert now["validUntilDate"].startswith("2099-12-31T12:34:56")
    wrong = await send(f"{quote}/edit/change", 422, **(form | {"version": "", "w-discountPercentage": "much"}))
    assert 'id="e-w-discountPercentage"' in wrong
    stale = await send(f"{quote}/edit/change", 409, **(form | {"w-title": "The winter"}))
    assert changes(stale) == {"Title": ("The autumn", "The winter")}
    again = filled(stale, f"{URL}/{quote}/edit/change")
    assert (again["w-title"], again["w-discountPercentage"]) == ("The winter", "10")
    await send(f"{quote}/edit/change", **again)
    assert (await stands(quote))["title"] == "The winter"


async def test_lines_are_changed_added_and_taken_out(look, send, stands, client, clinic, quote):
    edit = f"{quote}/edit"
    line = filled(await look(edit), f"{URL}/{edit}/line")
    prefix = f"l{line['lineId']}-"
    bad = await send(f"{edit}/line", 422, **(line | {f"{prefix}unitPrice": "cheap"}))
    assert 'value="cheap"' in bad
    more = {f"{prefix}quantity": "2", f"{prefix}unitPrice": "$10.00", f"{prefix}description": "For two months"}
    await send(f"{edit}/line", **(line | more))
    now = await stands(quote)
    assert (now["total"], now["items"][0]["description"]) == (2000, "For two months")
    stale = await send(f"{edit}/line", 409, **(line | {f"{prefix}quantity": "3"}))
    assert changes(stale) == {"Quantity": ("2", "3")}
    found = filled(await look(f"{edit}?q=tab"), f"{URL}/{edit}/add")
    await send(f"{edit}/add", **found)
    await send(f"{edit}/add", 409, **(found | {"request_key": ""}))
    html = await look(edit)
    ids = list(dict.fromkeys(re.findall(r'name="lineId" value="([^"]+)"', html)))
    assert len(ids) == 2
    out = filled(html, f"{URL}/{edit}/remove")
    await send(f"{edit}/remove", **(out | {"lineId": ids[1]}))
    assert len((await stands(quote))["items"]) == 1
    gone = filled(await look(edit), f"{URL}/{edit}/remove") | {"lineId": ids[1]}
    assert "no line" in await send(f"{edit}/remove", 422, **gone)


async def test_what_was_answered_stays_as_it_is(look, send, client, clinic, quote):
    form = filled(await look(f"{quote}/edit"), f"{URL}/{quote}/edit/change")
    for body in ({"status": "SENT"}, None):
        path = f"/billing/quote/{quote}" if body else "/billing/quote/respond"
        said = body or {"quoteId": quote, "response": "accept"}
        answer = await client.request("PUT" if body else "POST", path, json=said, headers=clinic.billing)
        assert answer.status_code == 200, answer.text
    await send(f"{quote}/edit/change", 409, **(form | {"w-title": "Late"}))
    assert "It cannot be changed any more" in await look(f"{quote}/edit")
    assert f"{URL}/{quote}/edit" not in await look(quote)


async def test_the_api_gives_the_lines_and_changes_them(services, client, clinic, ines, tmp_path, quote):
    own = {"Authorization": f"Bearer {ines.token}"}
    shown = (await client.get(f"{API}/{quote}/editable", headers=own)).json()
    (line_id,) = shown["lineIds"]
    assert (shown["currency"], shown["quote"]["id"], UUID(line_id).version) == ("USD", quote, 7)
    changed = await client.put(f"{API}/{quote}/items/{line_id}", json={"quantity": 2}, headers=own)
    assert (changed.status_code, changed.json()["total"]) == (200, 31800)
    assert (await client.get(f"{API}/{quote}/editable", headers=own)).json()["version"] != shown["version"]
    support = await sign_in(services, clinic, "SUPPORT")
    other = await sign_in(services, await make_clinic(services, tmp_path), "ADMIN")
    for member, status in ((None, 401), (support, 403), (other, 404)):
        headers = {"Authorization": f"Bearer {member.token}"} if member else None
        assert (await client.get(f"{API}/{quote}/editable", headers=headers)).status_code == status
        assert (await client.put(f"{API}/{quote}", json={"title": "No"}, headers=headers)).status_code == status
