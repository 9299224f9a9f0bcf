"""What patients and staff are told when a card is asked for: that one was declined only if one was."""

from uuid import uuid4

import pytest

from carelane.kit import clock
from carelane.messages.templates.views import ours, write
from carelane.payments.gate.queries import PaymentWait
from carelane.payments.gate.why import payment_waits_for
from carelane.payments.links.views import Call, values_of
from carelane.payments.states import NOT_TRIED


@pytest.mark.parametrize(
    ("failure", "was_tried"), [("DECLINED", True), ("NO_CARD", False), ("REFERENCE_REFUSED", False)]
)
def test_nobody_hears_of_a_charge_that_nobody_tried(failure, was_tried):
    call = Call(
        clinic="Harbor", needs_card=True, was_tried=failure not in NOT_TRIED, url="https://x.example/pay/1",
        ends_at=clock.now(), timezone="UTC", support=None,
    )  # fmt: skip
    mail = write("PAYMENT", ours("PAYMENT"), values_of(call), "a@b.example")
    assert ("could not be charged" in mail.text) is was_tried
    wait = PaymentWait(id=uuid4(), status="UNPAID", stage="NEEDS_CARD", failure=failure, since=clock.now())
    assert ("another card" in payment_waits_for(wait)) is was_tried


async def test_staff_see_that_a_card_is_asked_for_where_none_was_declined(till):
    payment = await till.run(await till.approved(None))
    assert (payment.stage, payment.failure) == ("NEEDS_CARD", "NO_CARD")
    why = await till.http.get(f"/api/staff/payments/{payment.id}/why", headers=till.manager.headers)
    assert why.json()["waitsFor"] == "the patient to give a card; none was charged"
