"""Amounts on the pages of billing: typed in any way, in any currency, and never another one than was meant."""

import re
from uuid import UUID

import httpx
import pytest

from carelane.console.amounts import cents_of
from carelane.kit import clock
from carelane.sessions.access import COOKIE
from tests.console.world import sign_in
from tests.factories.carts import item, make_cart
from tests.factories.charges import line, make_charge
from tests.factories.payments import add_gateway
from tests.factories.quotes import make_quote
from tests.factories.rows import insert_row, update_row
from tests.own_clinic import make_clinic

URL = "/console/billing"


@pytest.fixture(scope="module")
async def clinic(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("amounts"))


@pytest.fixture(scope="module")
async def ines(services, clinic):
    return await sign_in(services, clinic, "ADMIN")


@pytest.fixture
def look(client, ines):
    async def get(path="", member=ines) -> str:
        answer = await client.get(f"{URL}/{path}", cookies={COOKIE.name: member.token})
        assert answer.status_code == 200, answer.text[:1000]
        return answer.text

    return get


@pytest.fixture
def send(client, ines):
    async def post(path, member=ines, **fields) -> httpx.Response:
        return await client.post(
            f"{URL}/{path}",
            data={"form_token": member.form_token, **{name.replace("_", "-"): text for name, text in fields.items()}},
            cookies={COOKIE.name: member.token},
            headers={"sec-fetch-site": "same-origin"},
        )

    return post


def field(html, name):
    """What a field is filled with."""
    return re.search(rf'name="{name}" [^>]*value="([^"]*)"', html)[1]


def wanted(html, name):
    """What is to be typed there: the page's script enables the button for nothing else."""
    return re.search(rf'name="{name}"[^>]*data-typed="([^"]*)"', html)[1]


@pytest.mark.parametrize(
    ("text", "currency", "cents"),
    [
        ("12.50", "USD", 1250),
        ("1,234.50", "USD", 123450),
        ("1,234", "USD", 123400),
        ("12,50", "USD", None),
        ("12,5", "USD", None),
        ("1234,567", "USD", None),
        ("1.234,50", "USD", None),
        ("1,23,456", "USD", None),
        ("1,023", "JPY", 1023),
        ("1,234", "KWD", None),
        ("1,234.567", "KWD", 1234567),
        ("1.234 KWD", "KWD", 1234),
        ("1,023 JPY", "JPY", 1023),
        ("€12.50", "EUR", 1250),
        ("12.50 EUR", "EUR", 1250),
        ("$12.50", "EUR", None),
    ],
)
def test_a_comma_groups_thousands_or_is_refused(text, currency, cents):
    assert cents_of(text, currency) == cents


async def test_credit_with_a_decimal_comma_is_not_given(send, clinic):
    answer = await send(f"patients/{clinic.patient_id}/credit", give_amount="12,50", give_again="12,50")
    assert answer.status_code == 422
    assert "Type an amount, such as 12.50." in answer.text
    assert 'value="12,50"' in answer.text


@pytest.mark.parametrize(("currency", "shown"), [("EUR", "€1,234.56"), ("JPY", "123,456 JPY"), ("KWD", "123.456 KWD")])
async def test_a_charge_in_any_currency_is_voided_with_what_the_page_asks_for(
    look, send, services, clinic, currency, shown
):
    owed = await make_charge(services, clinic, line(price=123456), currency=currency)
    html = await look(f"charges/{owed}")
    assert wanted(html, "void-again") == shown
    assert f'<span aria-hidden="true">{"€" if currency == "EUR" else currency}</span>' in html
    fields = {"seen": field(html, "seen"), "void_reason": "A mistake", "void_again": shown}
    assert (await send(f"charges/{owed}/void", **fields)).status_code == 303


async def test_the_page_of_a_charge_has_the_link_that_its_patient_pays_it_with(look, services, client, clinic):
    owed = await make_charge(services, clinic, line(price=500))
    told = await client.get(f"/billing/payment-link/{clinic.patient_id}", headers=clinic.billing)
    (link,) = {one["paymentLink"] for one in told.json() if one["id"] == str(owed)}
    assert link in await look(f"charges/{owed}")


async def change(look, send, cart, sees=None, **typed):
    """Sends the form of a cart's line as a browser does: with all that stands in it."""
    html = sees or await look(cart)
    line_id = field(html, "lineId")
    names = dict.fromkeys(re.findall(rf'name="(l{line_id}-[^"]+)"', html))
    filled = {name: field(html, name) for name in names} | {f"l{line_id}-{name}": text for name, text in typed.items()}
    return await send(f"{cart}/change", lineId=line_id, **filled)


async def test_a_line_keeps_what_was_not_touched(look, send, client, clinic):
    exact = {"quantity": 123456.5, "unitPrice": 100, "discountPercentage": 33.333333}
    made = await make_cart(client, clinic, item(clinic, **exact))
    cart = f"carts/{made['id']}"
    html = await look(cart)
    line_id = field(html, "lineId")
    assert field(html, f"l{line_id}-quantity") == "123456.5"
    assert field(html, f"l{line_id}-discountPercentage") == "33.333333"
    # A colleague changes the price meanwhile.
    assert (await change(look, send, cart, unitPrice="2.00")).status_code == 303
    refused = await change(look, send, cart, html, quantity="many")
    assert refused.status_code == 422
    assert (await change(look, send, cart, refused.text, quantity="2")).status_code == 303
    answer = await client.get(f"/billing/cart/{made['id']}", headers=clinic.billing)
    (line_,) = answer.json()["items"]
    assert (line_["quantity"], line_["unitPrice"], line_["discountPercentage"]) == (2, 200, 33.333333)


@pytest.mark.parametrize("act", ["charge", "quote"])
async def test_a_cart_that_changed_is_shown_before_it_is_charged_or_offered(look, send, client, clinic, act):
    made = await make_cart(client, clinic, item(clinic))
    cart = f"carts/{made['id']}"
    seen = field(await look(cart), "seen")
    await send(f"{cart}/add", itemId=clinic.item_id)
    stale = await send(f"{cart}/{act}", seen=seen, title="The summer")
    assert stale.status_code == 409
    assert "It came to $159.00, and comes to $318.00" in stale.text
    assert "Charge $318.00 now" in stale.text
    done = await send(f"{cart}/{act}", seen=field(stale.text, "seen"), title="The summer")
    assert done.status_code == 303


async def test_of_a_cart_in_another_currency_only_the_quantity_is_changed(look, send, services, client, clinic):
    made = await make_cart(client, clinic, item(clinic))
    await update_row(services, UUID(clinic.organization_id), "carts", UUID(made["id"]), currency="EUR")
    cart = f"carts/{made['id']}"
    html = await look(cart)
    assert "€159.00" in html
    assert "$" not in html
    assert (await change(look, send, cart, quantity="2")).status_code == 303
    assert "Charge €318.00 now" in await look(cart)


async def test_a_quote_is_shown_in_its_own_currency(look, services, clinic):
    quote = await make_quote(services, clinic, status="DRAFT")
    await update_row(services, UUID(clinic.organization_id), "quotes", quote, currency="EUR")
    for path in (f"quotes/{quote}", "quotes"):
        assert "€417.99" in await look(path)


async def credit_of(send, look, services, clinic, amount, **columns):
    """A credit that was given, and then is of other books."""
    account = f"patients/{clinic.patient_id}"
    given = await send(f"{account}/credit", give_amount=amount, give_again=amount)
    assert given.status_code == 303
    (newest, *_) = re.findall(r'data-row="([^"]+)"', await look("credit"))
    await update_row(services, UUID(clinic.organization_id), "patient_credits", UUID(newest), **columns)
    return account, newest


async def test_credit_is_shown_in_its_own_currency(look, send, services, clinic):
    account, credit_id = await credit_of(send, look, services, clinic, "31", currency="EUR")
    html = await look(account)
    assert "€31.00" in html
    assert "$31.00" not in html
    assert f"take-{credit_id}" not in html


async def test_test_money_is_marked(look, send, services, clinic):
    account, credit_id = await credit_of(send, look, services, clinic, "32", is_test=True)
    html = await look(account)
    assert re.search(r"of \$32\.00.*?test</span>", html)
    assert f"take-{credit_id}" not in html
    here = services, UUID(clinic.organization_id)
    values = {"method": "CASH", "captured_cents": 3300, "is_test": True, "patient_id": UUID(clinic.patient_id)}
    values |= {"amount_cents": 3300, "currency": "USD", "status": "PAID"}
    payment_id = await insert_row(*here, "payments", **values)
    for path in (account, "payments"):
        row = re.search(rf'<tr data-row="{payment_id}">.*?</th>', await look(path), re.DOTALL)[0]
        assert "test</span>" in row


async def test_who_may_not_move_money_gives_no_credit(look, send, services, client, clinic):
    account, credit_id = await credit_of(send, look, services, clinic, "34", comment_sealed=None)
    clinician = await sign_in(services, clinic, "CASEWORKER")
    html = await look(account, member=clinician)
    assert 'name="give-amount"' not in html
    assert f"take-{credit_id}" not in html
    assert (await send(f"{account}/credit", clinician, give_amount="5", give_again="5")).status_code == 403
    taken = await send(f"{account}/take-credit", clinician, creditId=credit_id, **{f"take-{credit_id}": "34"})
    assert taken.status_code == 403
    # The storefront's key has no more than it had.
    by_key = await client.post(f"/user/patient/{clinic.patient_id}/credit", json={"amount": 5}, headers=clinic.billing)
    assert by_key.status_code == 200
    assert (await send(f"{account}/take-credit", creditId=credit_id, **{f"take-{credit_id}": "34"})).status_code == 303


async def test_nothing_is_unexplained_once_every_account_in_use_was_compared(look, services, clinic):
    here, said = (services, UUID(clinic.organization_id)), "0.00 unexplained"
    live, trial = [await add_gateway(*here, is_test=is_test) for is_test in (False, True)]
    assert said not in await look("books")
    await update_row(*here, "gateway_accounts", live, balance_read_at=clock.now())
    assert said not in await look("books")
    await update_row(*here, "gateway_accounts", trial, balance_read_at=clock.now())
    assert said in await look("books")
    finding = {"gateway_account_id": trial, "balance_id": "txn_2", "kind": "charge", "problem": "is not in the books"}
    await insert_row(*here, "balance_findings", **finding)
    assert said not in await look("books")
    await update_row(*here, "gateway_accounts", live, is_active=False)
    await update_row(*here, "gateway_accounts", trial, is_active=False)
