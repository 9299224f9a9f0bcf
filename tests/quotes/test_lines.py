"""Lines of a quote are added, changed and removed; its cart keeps its own."""

from uuid import UUID

import pytest

from tests.factories.rows import insert_row
from tests.quotes.conftest import conflict, problems


async def test_a_line_is_added_at_the_end_and_priced(good, here, new_quote, rows):
    quote = await new_quote()
    body = {"itemId": here.item_id, "quantity": 2.5, "unitPrice": 333, "discountAmount": 3, "discountPercentage": 10}
    grown = await good("POST", f"/quote/{quote['id']}/items/add", body | {"description": "on the house"})
    line = grown["items"][-1]
    # 2.5 x 333 is 832.5, up to 833; less 83 (10 percent, half-up) and 3.
    assert (line["totalPrice"], line["quantity"], line["description"]) == (747, 2.5, "on the house")
    assert line["item"]["id"] == here.item_id
    assert (grown["subtotal"], grown["itemCount"]) == (quote["subtotal"] + 747, 2)
    assert grown["items"][:-1] == quote["items"]
    assert (await good("GET", f"/cart/{quote['cartId']}"))["total"] == quote["total"]
    [(sealed,)] = await rows("SELECT description_sealed FROM quote_lines WHERE organization_id = %s AND position = 2")
    assert b"house" not in sealed


async def test_without_a_price_the_catalogues_counts(good, here, new_quote):
    quote = await new_quote()
    grown = await good("POST", f"/quote/{quote['id']}/items/add", {"package_id": here.package_id})
    assert (grown["items"][-1]["unitPrice"], grown["packageCount"]) == (9_999, 2)


async def test_a_line_is_found_by_what_it_sells(good, here, new_quote):
    quote = await new_quote()
    changed = await good("PUT", f"/quote/{quote['id']}/items/{here.item_id}", {"quantity": 3, "unit_price": None})
    assert (changed["items"][0]["quantity"], changed["subtotal"]) == (3.0, 3 * 15_900 + 9_999)
    assert changed["items"][1] == quote["items"][1]
    shrunk = await good("DELETE", f"/quote/{quote['id']}/items/{here.package_id}")
    assert [line["itemId"] for line in shrunk["items"]] == [here.item_id]
    assert (shrunk["subtotal"], shrunk["packageCount"]) == (3 * 15_900, 0)


async def test_a_line_is_found_by_the_id_of_the_carts_line(ask, good, here, new_cart, new_quote):
    cart = await new_cart(items=[{"itemId": here.item_id}, {"itemId": here.item_id, "quantity": 5}])
    quote = await new_quote(cartId=cart["id"])
    assert "2 lines" in conflict(await ask("DELETE", f"/quote/{quote['id']}/items/{here.item_id}"))
    assert "2 lines" in conflict(await ask("PUT", f"/quote/{quote['id']}/items/{here.item_id}", {"quantity": 1}))
    left = await good("DELETE", f"/quote/{quote['id']}/items/{cart['items'][0]['id']}")
    assert [line["quantity"] for line in left["items"]] == [5.0]
    again = await good("PUT", f"/quote/{quote['id']}/items/{cart['items'][1]['id']}", {"description": "five"})
    assert again["items"][0]["description"] == "five"
    assert len((await good("GET", f"/cart/{cart['id']}"))["items"]) == 2


async def test_two_quotes_of_a_cart_have_lines_of_their_own(good, here, new_quote):
    first = await new_quote()
    second = await new_quote(cartId=first["cartId"])
    await good("DELETE", f"/quote/{first['id']}/items/{here.item_id}")
    assert await good("GET", f"/quote/{second['id']}") == second


async def test_the_lines_of_a_change_are_a_revision(good, here, new_quote, rows):
    quote = await new_quote()
    await good("POST", f"/quote/{quote['id']}/items/add", {"itemId": here.item_id, "unitPrice": 0})
    await good("DELETE", f"/quote/{quote['id']}/items/{here.package_id}")
    assert await rows("SELECT revision FROM quotes WHERE organization_id = %s") == [(3,)]


async def test_a_sent_quote_keeps_a_line(ask, good, here, sent_quote):
    quote = await sent_quote()
    await good("DELETE", f"/quote/{quote['id']}/items/{here.item_id}")
    assert "keeps a line" in conflict(await ask("DELETE", f"/quote/{quote['id']}/items/{here.package_id}"))


async def test_all_faults_of_a_line_are_told(ask, new_quote):
    quote = await new_quote()
    path = f"/quote/{quote['id']}/items/add"
    body = {"quantity": -1, "unitPrice": 1.5, "discountAmount": -1, "discountPercentage": 101, "description": 4}
    assert sorted(problems(await ask("POST", path, body))) == sorted(["body", name] for name in [*body, "itemId"])
    assert problems(await ask("POST", path, {"quantity": 1})) == [["body", "itemId"]]
    change = f"/quote/{quote['id']}/items/{quote['items'][0]['itemId']}"
    assert sorted(problems(await ask("PUT", change, body))) == sorted(["body", name] for name in body)


async def test_a_line_sells_one_thing(ask, here, new_quote):
    quote = await new_quote()
    both = {"itemId": here.item_id, "packageId": here.package_id}
    assert problems(await ask("POST", f"/quote/{quote['id']}/items/add", both)) == [["body", "itemId"]]


@pytest.mark.parametrize("member", ["itemId", "packageId"])
async def test_what_is_elsewhere_is_not_here(ask, elsewhere, new_quote, member):
    quote = await new_quote()
    theirs = elsewhere.item_id if member == "itemId" else elsewhere.package_id
    for name in (theirs, "thing_1"):
        answer = await ask("POST", f"/quote/{quote['id']}/items/add", {member: name})
        assert (answer.status_code, answer.json()) == (404, {"detail": f"no {member[:-2]} {name} here"})


async def test_a_line_that_is_not_there_is_not_found(ask, elsewhere, new_quote):
    quote = await new_quote()
    for name in ("line_1", elsewhere.item_id):
        assert (await ask("PUT", f"/quote/{quote['id']}/items/{name}", {"quantity": 1})).status_code == 404
        assert (await ask("DELETE", f"/quote/{quote['id']}/items/{name}")).status_code == 404


async def test_more_than_money_can_be_is_refused(ask, good, here, new_quote):
    quote = await new_quote()
    path = f"/quote/{quote['id']}"
    huge = {"quantity": 1_000_000, "unitPrice": 9_999_999_999}
    assert problems(await ask("PUT", f"{path}/items/{here.item_id}", huge)) == [["body", "quantity"]]
    most = {"itemId": here.item_id, "unitPrice": 9_999_999_999}
    assert problems(await ask("POST", f"{path}/items/add", most)) == [["body", "quantity"]]
    assert await good("GET", path) == quote


async def test_less_discount_than_money_can_bear_is_told_of_the_discount(ask, here, services, new_cart, new_quote):
    await insert_row(services, UUID(here.organization_id), "taxes", name="Sales tax", percentage="10")
    dear = {"itemId": here.item_id, "unitPrice": 9_999_999_999}
    cart = await new_cart(items=[dear], discountPercentage=100)
    path = f"/quote/{(await new_quote(cartId=cart['id']))['id']}"
    assert problems(await ask("PUT", path, {"discountPercentage": 0})) == [["body", "discountPercentage"]]


async def test_a_full_quote_takes_no_more_lines(ask, here, new_cart, new_quote):
    cart = await new_cart(items=[{"itemId": here.item_id}] * 500)
    quote = await new_quote(cartId=cart["id"])
    refused = await ask("POST", f"/quote/{quote['id']}/items/add", {"itemId": here.item_id})
    assert problems(refused) == [["body", "itemId"]]


async def test_a_repeated_request_adds_one_line(good, here, new_quote):
    quote = await new_quote()
    path, headers = f"/quote/{quote['id']}/items/add", {"Idempotency-Key": "once"}
    first = await good("POST", path, {"itemId": here.item_id}, headers=headers)
    assert await good("POST", path, {"itemId": here.item_id}, headers=headers) == first
    assert len((await good("GET", f"/quote/{quote['id']}"))["items"]) == 3


async def test_lines_change_no_more_after_the_date(ask, here, new_quote, let_pass, states):
    quote = await new_quote()
    await let_pass(quote)
    assert "date" in conflict(await ask("POST", f"/quote/{quote['id']}/items/add", {"itemId": here.item_id}))
    assert await states(quote) == ("EXPIRED", "DRAFT")
