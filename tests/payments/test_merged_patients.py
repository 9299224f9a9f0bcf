"""A patient's money where two records are made one, and two again: who owes, and whose card it is."""

from typing import NamedTuple
from uuid import UUID

import pytest

from carelane.payments.customers.queries import find_customer_id
from carelane.payments.queries import PaymentRow
from tests.payments.world import AMOUNT, Till

OWED = "SELECT patient_id FROM charges WHERE case_id = %s"


class Pair(NamedTuple):
    """Two records, each with a case that waits for its decision."""

    kept: PaymentRow
    other: PaymentRow

    @property
    def ids(self) -> tuple[UUID, UUID]:
        assert self.kept.patient_id is not None
        assert self.other.patient_id is not None
        return self.kept.patient_id, self.other.patient_id


@pytest.fixture
async def pair(till: Till) -> Pair:
    return Pair(await till.case(None), await till.case(till.saved_card()))


async def merge(till: Till, pair: Pair) -> str:
    kept, other = pair.ids
    answer = await till.http.post(
        f"/api/staff/patients/{kept}/merge", json={"otherId": str(other)}, headers=till.manager.headers
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["moved"]["payments"] == 1
    return answer.json()["id"]


async def undo(till: Till, merge_id: str) -> None:
    answer = await till.http.post(f"/api/staff/patient-merges/{merge_id}/undo", headers=till.manager.headers)
    assert answer.status_code == 200, answer.text


async def customers(till: Till, pair: Pair) -> list[str | None]:
    async with till.services.db.reading(till.organization_id) as conn:
        return [await find_customer_id(conn, till.organization_id, till.account_id, one) for one in pair.ids]


async def test_a_payment_follows_and_goes_back(till: Till, pair: Pair):
    kept, other = pair.ids
    merge_id = await merge(till, pair)
    assert (await till.now(pair.other)).patient_id == kept
    await undo(till, merge_id)
    assert (await till.now(pair.other)).patient_id == other
    assert (await till.now(pair.kept)).patient_id == kept


async def test_what_is_taken_after_a_merge_is_the_kept_patients(till: Till, pair: Pair):
    await merge(till, pair)
    payment = await till.run(await till.decide(pair.other))
    assert (payment.status, payment.captured_cents) == ("PAID", AMOUNT)
    assert await till.ask(OWED, payment.case_id) == [(pair.ids[0],)]
    await till.require_agreement()


async def test_the_card_of_the_record_that_was_merged_is_found_until_that_is_undone(till: Till, pair: Pair):
    none, customer = await customers(till, pair)
    assert (none, customer is not None) == (None, True)
    merge_id = await merge(till, pair)
    assert (await customers(till, pair))[0] == customer
    await undo(till, merge_id)
    assert await customers(till, pair) == [None, customer]


async def test_the_kept_patients_own_card_comes_first(till: Till):
    pair = Pair(await till.case(till.saved_card()), await till.case(till.saved_card()))
    before = await customers(till, pair)
    assert len(set(before)) == 2
    await merge(till, pair)
    assert await customers(till, pair) == before


async def test_a_charge_goes_back_with_its_case(till: Till, pair: Pair):
    """What was taken between the merge and its end stays with the case."""
    merge_id = await merge(till, pair)
    payment = await till.run(await till.decide(pair.other))
    await undo(till, merge_id)
    assert (await till.now(payment)).patient_id == pair.ids[1]
    await till.refund(payment, AMOUNT)
    assert (await till.run(payment)).status == "REFUND"
    await till.require_agreement()
