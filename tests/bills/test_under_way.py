"""A charge whose payment is under way is paid by no other."""

from uuid import UUID

import pytest

from tests.bills.paid import TOTAL_CENTS, owing, proved
from tests.factories.rows import insert_row
from tests.payment_page.patient import leads_to
from tests.quote_page.cast import text_of

COUNT = "SELECT count(*) FROM payments WHERE organization_id = %s"


async def under_way(world, paying, charge_id, *, is_shared, **values):
    """A payment of the charge that is not one of its page; shared: of several charges."""
    payment_id = await insert_row(
        world.services, paying.organization_id, "payments", charge_id=None if is_shared else charge_id, status="UNPAID",
        patient_id=UUID(paying.clinic.patient_id), amount_cents=TOTAL_CENTS, currency="USD", method="GATEWAY", wanted="TAKE",
        gateway_account_id=paying.account_id, is_test=True, customer_id="cus_1", method_id="pm_1",
        # Nobody takes it before the test has looked.
        **values, next_step_at="2099-01-01", due_at="2099-01-01",
    )  # fmt: skip
    if is_shared:
        shares = {"payment_id": payment_id, "charge_id": charge_id, "amount_cents": TOTAL_CENTS}
        await insert_row(world.services, paying.organization_id, "payment_charges", **shares)


@pytest.mark.parametrize("is_shared", [False, True])
@pytest.mark.parametrize(
    ("policy", "stage"), [("instalment", "DUE"), ("at_desk", "DUE"), ("instalment", "NEEDS_PATIENT")]
)
async def test_no_checkout_is_made_beside_it(world, paying, patient, is_shared, policy, stage):
    charge_id = await owing(world, paying)
    await under_way(world, paying, charge_id, is_shared=is_shared, policy=policy, stage=stage)
    path = await proved(world, paying, patient)
    shown = text_of(await patient.open(path))
    assert "Your payment is being made" in shown
    assert "Pay $" not in shown
    assert leads_to(await patient.press(f"{path}/pay", charge=str(charge_id))) == path
    embedding = f"/billing/embed-payment/{paying.clinic.patient_id}"
    answer = await world.client.post(embedding, params={"charge_id": str(charge_id)}, headers=paying.clinic.billing)
    assert answer.status_code == 409, answer.text
    assert world.gateway.objects("checkout.session", paying.key) == []
    assert await world.rows(paying, COUNT) == [(1,)]


async def test_what_waits_for_its_day_does_not_hinder(world, paying, patient):
    charge_id = await owing(world, paying)
    await under_way(world, paying, charge_id, is_shared=False, policy="charge_on_approval", stage="WAITING")
    path = await proved(world, paying, patient)
    assert leads_to(await patient.press(f"{path}/pay", charge=str(charge_id))).startswith(world.gateway.url)
