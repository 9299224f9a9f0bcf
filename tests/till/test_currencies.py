"""Yen, which have no smaller unit, and dinars, which have thousandths: exact as everything else."""

import pytest

from carelane.ledger.schemas import Books
from tests.charges.money import Till
from tests.own_clinic import make_clinic
from tests.till.desk import Desk


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
async def test_a_whole_day_in_another_currency(client, services, tmp_path_factory, currency):
    clinic = await make_clinic(services, tmp_path_factory.mktemp(currency), currency=currency)
    desk = Desk(client=client, services=services, clinic=clinic, till=await Till.open(client, services, clinic))
    patient = await desk.patient()
    await desk.grant(patient, 701)
    row = await desk.charge(patient, 1_001, 999)
    spent = (await desk.with_credit(row, 500)).json()
    assert spent["currency"] == currency
    payment = await desk.paid(await desk.row(row["id"]), 1_555, credit_overpayment_amount=55)
    assert (await desk.row(row["id"]))["totalOutstanding"] == 0
    for cents in (1, 777, 777):
        assert (await desk.refund(payment["id"], cents)).status_code == 200
    for cents in (333, 167):
        assert (await desk.refund(spent["id"], cents)).status_code == 200
    assert await desk.available(patient) == 701 == await desk.credit_in_books(patient, Books(currency, False))
    accounts = await desk.accounts()
    assert {code: accounts[code] for code in ("cash", "revenue", "receivable")} == {
        "cash": 0,
        "revenue": 0,
        "receivable": 0,
    }
