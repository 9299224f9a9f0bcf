"""The charge of a case's payment: once for each payment, over its amount, paid by what it had brought before."""

import asyncio
from uuid import uuid4

import pytest

from carelane.charges.case_charge import CasePayment, make_case_charge
from carelane.kit.auth import system_actor
from carelane.ledger.reads import charge_sums, credit_balance
from carelane.ledger.schemas import AccountRef, Books
from tests.factories.payments import add_gateway
from tests.factories.rows import insert_row
from tests.factories.seen import take
from tests.factories.staff import hire
from tests.ledger.balances import balance_of

PRODUCTS = (("Tablets", 15_900), ("Cream", 4_100), ("Kit", 1))


@pytest.fixture(scope="module")
async def products(services, till_id):
    """By name."""
    return {
        name: await insert_row(services, till_id, "products", name=name, price_cents=price, currency="USD")
        for name, price in PRODUCTS
    }


class Approved:
    """A case with a payment, perhaps captured ahead, and the products that were approved."""

    def __init__(self, money, products):
        self.money, self.products = money, products

    async def build(
        self, asked, approved, amount=20_000, currency="USD", captured=0, is_test=False, description="Consult"
    ):
        here = (self.money.services, self.money.id)
        values = {
            "short_id": f"A-{uuid4()}",
            "type": "T",
            "title": "T",
            "patient_id": self.money.patient_id,
            "status": "OPEN",
            "is_test": is_test,
        }
        self.case_id = await insert_row(*here, "cases", **values)
        for position, name in enumerate(asked):
            row = {"case_id": self.case_id, "product_id": self.products[name], "position": position}
            await insert_row(*here, "case_products", **row)
        member = await hire(*here, "Dee", "Cider")
        for name in asked:
            row = {"case_id": self.case_id, "product_id": self.products[name], "added_by_id": member}
            await insert_row(*here, "decisions", **row, is_approved=name in approved)
        gateway_id = self.money.gateway_id if not is_test else await add_gateway(*here, is_test=True, is_active=False)
        of = {
            "case_id": self.case_id,
            "patient_id": self.money.patient_id,
            "gateway_account_id": gateway_id,
            "method": "GATEWAY",
            "policy": "charge_on_approval",
            "reference_type": "PAYMENT_INTENT",
            "reference_id": f"pi_{uuid4().hex}",
        }
        row = {"amount_cents": amount, "currency": currency, "status": "UNPAID", "stage": "WAITING", "is_test": is_test}
        self.payment_id = await insert_row(*here, "payments", **of, **row)
        self.payment = CasePayment(
            id=self.payment_id, case_id=self.case_id, patient_id=self.money.patient_id, amount_cents=amount, currency=currency,
            description=description, is_test=is_test,
        )  # fmt: skip
        if captured:
            await take(*here, self.payment_id, captured, fee_cents=None)
        return self

    async def charge(self):
        services, actor = self.money.services, system_actor(self.money.id)
        key = await services.keyring.data_key(self.money.id)
        async with services.db.transaction(actor) as conn:
            await conn.execute("SELECT FROM payments WHERE id = %s FOR UPDATE", (self.payment_id,))
            return await make_case_charge(conn, actor, key, self.payment)

    async def read(self, function, *arguments):
        async with self.money.services.db.reading(self.money.id) as conn:
            return await function(conn, self.money.id, *arguments)


@pytest.fixture
def approved(money, products):
    async def build(*asked, approved=None, **values):
        return await Approved(money, products).build(asked, approved if approved is not None else asked, **values)

    return build


async def test_a_line_for_each_approved_product(approved, money):
    case = await approved("Tablets", "Cream", "Kit", approved=["Tablets", "Cream"])
    charge_id = await case.charge()
    shown = await money.shown(charge_id)
    assert (shown["total"], shown["totalOutstanding"], shown["status"], shown["description"]) == (
        20_000,
        20_000,
        "OUTSTANDING",
        "Consult",
    )
    assert [(one["name"], one["price"], one["quantity"]) for one in shown["items"]] == [
        ("Tablets", 15_900, 1),
        ("Cream", 4_100, 1),
    ]
    assert [one["paymentId"] for one in shown["payments"]] == [str(case.payment_id)]
    revenue = AccountRef("revenue", case.products["Cream"])
    assert await case.read(balance_of, revenue, Books("USD", False)) <= -4_100


@pytest.mark.parametrize(
    ("amount", "currency", "prices"),
    [
        (10_000, "USD", [7_950, 2_050]),
        (1, "USD", [1, 0]),
        (3, "USD", [2, 1]),
        (9_999_999_999, "USD", [7_949_999_999, 2_050_000_000]),
        # What is priced in another currency says nothing of how a payment is shared out.
        (1_001, "JPY", [501, 500]),
        (2_000, "KWD", [1_000, 1_000]),
    ],
)
async def test_the_amount_is_shared_out_to_the_last_unit(approved, money, amount, currency, prices):
    case = await approved("Tablets", "Cream", amount=amount, currency=currency)
    charge_id = await case.charge()
    shown = await money.shown(charge_id)
    assert [one["price"] for one in shown["items"]] == prices
    assert (shown["total"], (await case.read(charge_sums, charge_id)).outstanding_cents) == (amount, amount)


async def test_without_a_decision_it_is_for_what_was_asked_for(approved, money):
    case = await approved("Kit", approved=[])
    shown = await money.shown(await case.charge())
    assert [(one["name"], one["price"]) for one in shown["items"]] == [("Kit", 20_000)]


async def test_a_payment_has_one_charge(approved):
    case = await approved("Tablets")
    made = await asyncio.gather(*(case.charge() for _ in range(6)))
    assert len(set(made)) == 1
    assert await case.charge() == made[0]
    assert (await case.read(charge_sums, made[0])).charged_cents == 20_000


@pytest.mark.parametrize(("captured", "status", "left"), [(20_000, "PAID", 0), (5_000, "OUTSTANDING", 15_000)])
async def test_what_was_captured_ahead_pays_it(approved, money, captured, status, left):
    before = await balance(money)
    case = await approved("Tablets", captured=captured)
    assert await balance(money) == before + captured
    charge_id = await case.charge()
    shown = await money.shown(charge_id)
    assert (shown["status"], shown["totalOutstanding"]) == (status, left)
    assert await balance(money) == before
    assert await case.charge() == charge_id


async def test_test_money_stays_in_its_own_books(approved, money):
    before = await balance(money)
    case = await approved("Tablets", captured=20_000, is_test=True)
    charge_id = await case.charge()
    assert (await money.shown(charge_id))["status"] == "PAID"
    assert await balance(money) == before
    revenue = AccountRef("revenue", case.products["Tablets"])
    assert await case.read(balance_of, revenue, Books("USD", True)) == -20_000


async def balance(money):
    async with money.services.db.reading(money.id) as conn:
        return await credit_balance(conn, money.id, money.patient_id, Books("USD", False))
