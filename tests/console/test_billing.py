"""The pages of billing: what they show and do, over HTTP."""

import csv
import io
import re
from uuid import UUID

import httpx
import pytest

from carelane.sessions.access import COOKIE
from tests.console.world import sign_in
from tests.factories.carts import item, make_cart
from tests.factories.charges import line, make_charge
from tests.factories.payments import add_gateway, charge
from tests.factories.rows import insert_row, update_row
from tests.own_clinic import make_clinic

URL = "/console/billing"


@pytest.fixture(scope="module")
async def clinic(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("billing"))


@pytest.fixture(scope="module")
async def ines(services, clinic):
    return await sign_in(services, clinic, "ADMIN")


@pytest.fixture
def look(client, ines):
    async def get(path="", status=200, member=ines) -> str:
        answer = await client.get(f"{URL}{path}", cookies={COOKIE.name: member.token})
        assert answer.status_code == status, answer.text[:1000]
        return answer.text

    return get


@pytest.fixture
def send(client, ines):
    async def post(path, member=ines, **fields) -> httpx.Response:
        sent = {name if name == "request_key" else name.replace("_", "-"): text for name, text in fields.items()}
        return await client.post(
            f"{URL}/{path}",
            data={"form_token": member.form_token, **sent},
            cookies={COOKIE.name: member.token},
            headers={"sec-fetch-site": "same-origin"},
        )

    return post


@pytest.fixture
async def owed(services, clinic):
    """$159.00 that nothing was paid on."""
    return await make_charge(services, clinic, line(product_id=UUID(clinic.item_id)))


def ids(html):
    return re.findall(r'data-row="([^"]+)"', html)


def seen(html):
    return re.search(r'name="seen" value="([^"]+)"', html)[1]


def outstanding(html):
    panel = html[html.index('id="owed"') :]
    return re.search(r"<dt>Outstanding</dt><dd[^>]*>([^<]+)<", panel)[1]


async def test_filters_of_charges_are_in_the_address(look, send, services, clinic, owed):
    small = await make_charge(services, clinic, line("Swab", 500))
    assert {str(owed), str(small)} <= set(ids(await look("/charges")))
    assert str(owed) not in ids(await look("/charges?max=5.00"))
    assert str(small) in ids(await look("/charges?min=5&max=5.00"))
    assert str(small) in ids(await look("/charges?status=OUTSTANDING&name=robin"))
    assert ids(await look("/charges?name=nobody-of-that-name")) == []
    assert ids(await look("/charges?until=2020-01-01")) == []
    assert "No charge fits" in await look("/charges?status=WRITE_OFF&until=2020-01-01")
    for bad in ("status=GONE", "from=soon", "min=much", "color=red", "from=2026-02-02&until=2026-02-01"):
        await look(f"/charges?{bad}", status=400)


async def test_a_charge_is_paid_in_parts_and_the_page_says_what_is_left(look, send, owed):
    page = f"charges/{owed}"
    html = await look(f"/{page}")
    assert outstanding(html) == "$159.00"
    paid = await send(f"{page}/pay", seen=seen(html), pay_amount="100", pay_medium="CHECK")
    assert paid.headers["location"] == f"{URL}/{page}?done=paid"
    html = await look(f"/{page}?done=paid")
    assert outstanding(html) == "$59.00"
    assert "The payment is taken." in html
    assert "Check" in html
    # Another tab still shows what was owed before.
    stale = await send(f"{page}/pay", seen="OUTSTANDING.15900.15900.USD", pay_amount="159", pay_medium="CASH")
    assert stale.status_code == 409
    assert "Outstanding was $159.00, and is $59.00" in stale.text
    assert 'value="159"' in stale.text
    assert (await send(f"{page}/pay", seen=seen(html), pay_amount="60", pay_medium="CASH")).status_code == 422
    nothing = await send(f"{page}/pay", seen=seen(html), pay_amount="some", pay_medium="CASH")
    assert "Type an amount, such as 12.50." in nothing.text
    assert outstanding(await look(f"/{page}")) == "$59.00"


async def test_a_form_that_is_sent_twice_takes_one_payment(look, send, owed):
    page = f"charges/{owed}"
    fields = {"seen": seen(await look(f"/{page}")), "pay_amount": "9", "pay_medium": "CASH"}
    for _ in range(2):
        answer = await send(f"{page}/pay", **fields, request_key="a" * 32)
        assert answer.status_code == 303
    assert outstanding(await look(f"/{page}")) == "$150.00"


async def test_less_is_owed_after_an_adjustment(look, send, owed):
    page = f"charges/{owed}"
    fields = {"seen": seen(await look(f"/{page}")), "adjust_way": "less", "adjust_amount": "9.00"}
    assert (await send(f"{page}/adjust", **fields)).status_code == 422
    await send(f"{page}/adjust", **fields, adjust_reason="The wait was long")
    html = await look(f"/{page}")
    assert outstanding(html) == "$150.00"
    assert "The wait was long" in html
    more = {"seen": seen(html), "adjust_way": "more", "adjust_amount": "1", "adjust_reason": "Postage"}
    await send(f"{page}/adjust", **more)
    assert outstanding(await look(f"/{page}")) == "$151.00"


@pytest.mark.parametrize(
    ("act", "prefix", "state"),
    [("void", "void", "Voided"), ("write-off", "off", "Written off"), ("archive", "archive", "")],
)
async def test_what_cannot_be_undone_wants_the_amount(look, send, owed, act, prefix, state):
    page = f"charges/{owed}"
    fields = {"seen": seen(await look(f"/{page}")), f"{prefix}_reason": "It was a mistake"}
    refused = await send(f"{page}/{act}", **fields, **{f"{prefix}_again": "15.90"})
    assert refused.status_code == 422
    assert "Type the amount: $159.00" in refused.text
    done = await send(f"{page}/{act}", **fields, **{f"{prefix}_again": "$159.00"})
    assert done.status_code == 303
    if act == "archive":
        assert done.headers["location"] == f"{URL}/charges?done=archived"
        await look(f"/{page}", status=404)
    else:
        assert state in await look(f"/{page}")


async def test_who_may_not_change_a_charge_is_refused_and_sees_no_form(look, services, clinic, owed, send):
    clinician = await sign_in(services, clinic, "CASEWORKER")
    html = await look(f"/charges/{owed}", member=clinician)
    assert "/void" not in html
    assert "/pay" in html
    fields = {"seen": seen(html), "void_reason": "It was a mistake", "void_again": "159.00"}
    assert (await send(f"charges/{owed}/void", member=clinician, **fields)).status_code == 403


async def test_credit_is_given_with_the_amount_typed_and_spent(look, send, clinic, owed):
    account = f"patients/{clinic.patient_id}"
    wrong = await send(f"{account}/credit", give_amount="20", give_again="2", give_comment="For the wait")
    assert wrong.status_code == 422
    assert "For the wait" in wrong.text
    assert (await send(f"{account}/credit", give_amount="20", give_again="20", give_expiry="soon")).status_code == 422
    given = await send(f"{account}/credit", give_amount="20", give_again="20.00", give_expiry="2099-12-31")
    assert given.headers["location"] == f"{URL}/{account}?done=given"
    html = await look(f"/{account}")
    assert "good until" in html
    assert str(owed) in ids(html)
    charged = f"charges/{owed}"
    await send(f"{charged}/pay", seen=seen(await look(f"/{charged}")), pay_amount="20", pay_medium="CREDIT")
    assert outstanding(await look(f"/{charged}")) == "$139.00"
    assert "used up" in await look(f"/{account}")
    assert ids(await look("/credit?standing=LEFT")) == []
    assert len(ids(await look("/credit?standing=USED"))) == 1


async def test_a_cart_is_put_together_priced_and_charged(look, send, clinic):
    begun = await send(f"patients/{clinic.patient_id}/cart")
    cart = begun.headers["location"].removeprefix(f"{URL}/")
    html = await look(f"/{cart}?q=tab")
    fields = dict(re.findall(r'name="(itemId|packageId)" value="([^"]+)"', html))
    assert fields == {"itemId": clinic.item_id}
    await send(f"{cart}/add", itemId=clinic.item_id)
    html = await look(f"/{cart}")
    line_id = re.search(r'name="lineId" value="([^"]+)"', html)[1]
    changed = await send(
        f"{cart}/change", lineId=line_id, **{f"l{line_id}-quantity": "3", f"l{line_id}-unitPrice": "10"}
    )
    assert changed.status_code == 303
    html = await look(f"/{cart}")
    assert "Charge $30.00 now" in html
    bad = await send(f"{cart}/change", lineId=line_id, **{f"l{line_id}-unitPrice": "cheap"})
    assert "cheap" in bad.text
    made = await send(f"{cart}/charge", seen=seen(html))
    charge_page = made.headers["location"].removeprefix(URL).partition("?")[0]
    assert outstanding(await look(charge_page)) == "$30.00"
    assert "Charge $30.00 now" not in await look(f"/{cart}")


async def test_a_quote_is_made_of_a_cart(look, send, client, clinic):
    cart = await make_cart(client, clinic, item(clinic))
    fields = {"seen": seen(await look(f"/carts/{cart['id']}")), "title": "The summer", "validUntil": "2099-12-31"}
    made = await send(f"carts/{cart['id']}/quote", **fields)
    quote = made.headers["location"].removeprefix(URL).partition("?")[0]
    assert "Draft" in await look(quote)
    assert (await send(f"{quote[1:]}/send", method="pigeon")).status_code == 422
    # This server sends no mail, and the page says which setting is missing.
    unsent = await send(f"{quote[1:]}/send", method="email", message="Have a look")
    assert unsent.status_code == 409
    assert "this server cannot send quotes by mail" in unsent.text
    assert "Have a look" in unsent.text
    assert quote.rpartition("/")[2] in ids(await look("/quotes?status=DRAFT"))


async def test_a_granted_refund_waits_in_the_list(look, services, clinic, owed):
    here = services, UUID(clinic.organization_id)
    payment_id = await insert_row(
        *here, "payments", charge_id=owed, amount_cents=15900, currency="USD", status="PAID", method="REFERENCE"
    )
    values = {"payment_id": payment_id, "amount_cents": 5000, "currency": "USD", "status": "GRANTED"}
    refund_id = await insert_row(*here, "refunds", **values)
    html = await look("/refunds?status=GRANTED")
    assert ids(html) == [str(refund_id)]
    assert f"/console/payments/{payment_id}" in html
    assert "$50.00" in html
    assert ids(await look("/refunds?status=SENT")) == []
    assert re.search(r"Refunds to send.*?<b>1</b>", await look(), re.DOTALL)


async def test_a_dispute_says_what_there_is_and_what_is_missing(look, services, clinic, owed):
    here = services, UUID(clinic.organization_id)
    account_id = await add_gateway(*here, is_test=False)
    taken = {"method": "GATEWAY", "gateway_account_id": account_id, "captured_cents": 15900, "charge_id": owed}
    payment_id = await charge(*here, None, 15900, **taken, patient_id=UUID(clinic.patient_id))
    dispute = {"payment_id": payment_id, "gateway_account_id": account_id, "gateway_id": "dp_9", "amount_cents": 15900}
    dispute_id = await insert_row(*here, "disputes", **dispute, currency="USD", status="OPEN", reason="fraudulent")
    html = await look(f"/disputes/{dispute_id}")
    assert "Tablets" in html
    assert "a tracking number" in html
    assert "The card&#39;s owner says that they did not pay" in html
    assert ids(await look("/disputes?status=OPEN")) == [str(dispute_id)]
    await update_row(*here, "disputes", dispute_id, status="WON")
    assert "Not on record" not in await look(f"/disputes/{dispute_id}")
    finding = {"gateway_account_id": account_id, "balance_id": "txn_1", "kind": "charge"}
    finding |= {"problem": "is not in the books"}
    assert "not compared yet" in await look("/books")
    await insert_row(*here, "balance_findings", **finding)
    assert "is not in the books" in await look("/books")


async def test_every_posting_leads_to_its_source(look, send, services, clinic):
    sold = await make_charge(services, clinic, line("Drops", 700))
    page = f"charges/{sold}"
    await send(f"{page}/pay", seen=seen(await look(f"/{page}")), pay_amount="7", pay_medium="CASH")
    html = await look(f"/ledger?charge={sold}")
    assert len(ids(html)) == 2
    assert re.search(r'href="/console/payments/[^"]+">Paid in cash</a>', html)
    assert f'href="{URL}/charges/{sold}">Charged</a>' in html
    cash = ids(await look(f"/ledger?account=cash&charge={sold}"))
    assert len(cash) == 1
    assert cash[0] in ids(await look("/ledger?account=receivable"))
    await look("/ledger?account=pocket", status=400)
    await look("/ledger?after=somewhere", status=400)


async def test_lists_go_on_where_a_page_ended(look, services, clinic):
    for number in range(35):
        await make_charge(services, clinic, line(f"Row {number}", 100))
    first = await look("/ledger")
    onward = re.search(r'rel="next" href="/console/billing([^"]+)"', first)[1].replace("&amp;", "&")
    further = await look(onward)
    assert len(ids(first)) == 30
    assert not set(ids(first)) & set(ids(further))
    charges = await look("/charges"), await look("/charges?page=2")
    assert not set(ids(charges[0])) & set(ids(charges[1]))


async def test_an_export_is_whole_and_runs_no_formula(look, services, clinic, ines, client):
    patient = await insert_row(
        services, UUID(clinic.organization_id), "patients", first_name='=HYPERLINK("x")', last_name="Plain, and quoted"
    )
    sold = await make_charge(services, clinic, line("@home", 1234), patient_id=patient)
    html = await look("/exports?kind=charges")
    assert re.search(r"\d+ rows?\.", html)
    answer = await client.get(f"{URL}/exports/file?kind=charges", cookies={COOKIE.name: ines.token})
    assert answer.headers["content-disposition"].startswith('attachment; filename="charges-')
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    (row,) = [row for row in rows if row["charge_id"] == str(sold)]
    assert row["first_name"] == '\'=HYPERLINK("x")'
    assert row["sold"] == "'@home"
    assert row["last_name"] == "Plain, and quoted"
    assert (row["total"], row["outstanding"], row["currency"], row["is_test"]) == ("12.34", "12.34", "USD", "false")
    for kind in ("payments", "refunds", "ledger"):
        text = await look(f"/exports/file?kind={kind}&from=2020-01-01&until=2020-01-02")
        assert len(text.splitlines()) == 1
    await look("/exports?from=1900-01-01", status=400)
    await look("/exports/file?kind=people", status=400)
