"""Money is in the smallest unit that its currency has, from the price of an item to the charge and the patient's page."""

from uuid import UUID

import pytest

from carelane.quotes.page.access import PATH, QuoteLink, token_of
from tests.factories.rows import insert_row
from tests.own_clinic import make_clinic

AMOUNTS = ("subtotal", "discountAmount", "taxAmount", "total")


async def shop_of(services, folder, currency, price):
    """A clinic that sells one item in the currency, with a tax of 10 % on it."""
    parts = {
        "products": [{"name": "Tablets", "price": price, "currency": currency}],
        "bundles": [{"name": "Plan", "price": price, "priceUnit": currency, "products": ["Tablets"]}],
    }
    clinic = await make_clinic(services, folder, parts=parts, currency=currency)
    here = (services, UUID(clinic.organization_id))
    await insert_row(*here, "taxes", name="State", percentage=10, scope="ALL")
    return clinic


def of_clinic(client, clinic):
    async def good(method, path, body=None, **params):
        content = {} if body is None else {"json": body}
        answer = await client.request(method, path, headers=clinic.billing, params=params or None, **content)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return good


@pytest.mark.parametrize(
    ("currency", "price", "cents", "amounts", "shown"),
    [
        # 7.5 % of 1005 is 75.375; 10 % of 930 is 93.
        ("JPY", "1005", 1_005, (930, 0, 93, 1_023), "1,023 JPY"),
        # 7.5 % of 1.234 is 0.09255; 10 % of 1.141 is 0.1141.
        ("KWD", "1.234", 1_234, (1_141, 0, 114, 1_255), "1.255 KWD"),
        ("USD", "10.05", 1_005, (930, 0, 93, 1_023), "$10.23"),
        ("XCG", "10.05", 1_005, (930, 0, 93, 1_023), "10.23 XCG"),
    ],
)
async def test_every_amount_is_in_the_currencys_own_unit(
    client, server, services, tmp_path, currency, price, cents, amounts, shown
):
    clinic = await shop_of(services, tmp_path, currency, price)
    good = of_clinic(client, clinic)
    (item,) = (await good("GET", "/inventory/items/list"))["data"]
    assert (item["name"], item["price"]) == ("Tablets", cents)
    (bundle,) = (await client.get("/api/v1/organization/bundles", headers=clinic.key)).json()["data"]
    assert (bundle["price"], bundle["priceUnit"]) == (price, currency)
    lines = [{"itemId": item["id"], "discountPercentage": 7.5}]
    cart = await good("POST", "/billing/cart", {"patientId": clinic.patient_id, "items": lines})
    assert tuple(cart[name] for name in AMOUNTS) == amounts
    asked = {"patientId": clinic.patient_id, "cartId": cart["id"], "creatorId": clinic.creator_id}
    quote = await good("POST", "/billing/quote", asked | {"requiresPatientVerification": False})
    await good("PUT", f"/billing/quote/{quote['id']}", {"status": "sent"})
    token = token_of(services.quote_link_key, QuoteLink(UUID(clinic.organization_id), UUID(quote["id"])))
    page = await client.get(f"{PATH}/{token}")
    assert (page.status_code, shown in page.text) == (200, True), page.text
    charge = await good("POST", f"/billing/cart/{cart['id']}/convert-to-charge", {"cartId": cart["id"]})
    assert (charge["total"], charge["totalOutstanding"]) == (amounts[3], amounts[3])
    assert charge["items"][0]["price"] == cents


async def test_a_fraction_of_a_piece_is_described_in_the_currencys_own_decimals(client, services, tmp_path):
    for currency, price, wanted in (("JPY", "1005", "0.5 × 1005"), ("KWD", "1.235", "0.5 × 1.235")):
        clinic = await shop_of(services, tmp_path, currency, price)
        good = of_clinic(client, clinic)
        (item,) = (await good("GET", "/inventory/items/list"))["data"]
        lines = [{"itemId": item["id"], "quantity": "0.5"}]
        cart = await good("POST", "/billing/cart", {"patientId": clinic.patient_id, "items": lines})
        charge = await good("POST", f"/billing/cart/{cart['id']}/convert-to-charge", {"cartId": cart["id"]})
        (line,) = charge["items"]
        assert (line["quantity"], line["description"]) == (1, wanted)
        # Half of an odd number of units, half-up.
        assert line["price"] == (item["price"] + 1) // 2


@pytest.mark.parametrize(("currency", "price"), [("JPY", "10.5"), ("USD", "1.234"), ("KWD", "1.2345"), ("USD", "1_0")])
async def test_the_file_names_what_is_not_exact(services, tmp_path, currency, price):
    with pytest.raises(Exception, match=r"price"):
        await shop_of(services, tmp_path, currency, price)
