"""The fees that a payment is made of: what the organization file says, and the consultation's for the rest."""

from decimal import Decimal

import pytest

from tests.payments.intake.world import paying

FEES = [
    {"kind": "convenience", "amount": "1.50"},
    {"kind": "paymentProcessing", "amount": 2},
    {"kind": "pharmacy", "amount": "80.25"},
    {"kind": "shipping", "amount": "9.99"},
    {"kind": "syringeKit", "amount": "4.00"},
    {"kind": "techPlatform", "amount": "1.00"},
    {"kind": "other", "label": "Lab kit", "amount": "5.00"},
    {"kind": "other", "label": "Courier", "amount": "3.00"},
]
NAMES = (
    "consultFee", "convenienceFee", "paymentProcessingFee", "pharmacyFee", "shippingFee", "syringeKitFee", "techPlatformFee"
)  # fmt: skip


async def fees_of(world, paid, body):
    answer = await world.send(paid, body)
    assert answer.status_code == 200, answer.text
    query = {"caseId": answer.json()["data"]["caseId"]}
    shown = await world.client.get("/api/v1/customer-case-detail", params=query, headers=paid.clinic.key)
    (payment,) = shown.json()["caseDetail"]["payments"]
    fees = payment["fees"]
    parts = [Decimal(fees[name]) for name in NAMES] + [Decimal(one["amount"]) for one in fees["subFees"]]
    return payment["amount"], fees, sum(parts)


@pytest.mark.parametrize("modes", [("test",), ()])
async def test_they_come_to_the_amount(world, tmp_path, modes):
    paid = await world.clinic(tmp_path, "charge_on_approval" if modes else "unverified", modes, fees=FEES)
    amount, fees, total = await fees_of(world, paid, paying(paid, world.setup(paid)))
    assert [fees[name] for name in NAMES] == ["52.26", "1.50", "2.00", "80.25", "9.99", "4.00", "1.00"]
    assert fees["subFees"] == [{"label": "Lab kit", "amount": "5.00"}, {"label": "Courier", "amount": "3.00"}]
    assert (amount, total) == ("159.00", Decimal(amount))


@pytest.mark.parametrize(
    ("amount", "consult"), [("106.74", "0.00"), ("106.73", "106.73"), ("106.75", "0.01"), ("0.50", "0.50"), (0, "0.00")]
)
async def test_what_the_fees_would_exceed_is_the_consultations(world, tmp_path, amount, consult):
    paid = await world.clinic(tmp_path, fees=FEES)
    shown, fees, total = await fees_of(world, paid, paying(paid, world.setup(paid), amount=amount))
    assert fees["consultFee"] == consult
    assert total == Decimal(shown)


async def test_fees_of_another_currency_do_not_count(world, tmp_path):
    paid = await world.clinic(tmp_path, fees=FEES)
    amount, fees, total = await fees_of(world, paid, paying(paid, world.setup(paid), currency="EUR"))
    assert (fees["consultFee"], fees["subFees"], total) == ("159.00", [], Decimal(amount))


async def test_without_fees_a_gateways_payment_is_the_consultations(world, paid):
    _, fees, _ = await fees_of(world, paid, paying(paid, world.setup(paid)))
    assert [fees[name] for name in NAMES] == ["159.00", *["0.00"] * 6]


async def test_without_fees_and_gateway_none_is_shown(world, tmp_path):
    paid = await world.clinic(tmp_path, "unverified", ())
    _, fees, _ = await fees_of(world, paid, paying(paid, "seti_1"))
    assert [fees[name] for name in NAMES] == ["0.00"] * 7
