"""Staff have the link sent again."""

from uuid import uuid4

import pytest

from tests.factories.accounts import bearer
from tests.factories.rows import update_row
from tests.factories.staff import hire
from tests.payment_page.world import path_in
from tests.quote_page.cast import text_of
from tests.quote_sending.world import until


@pytest.fixture
async def payment_id(world, paying):
    found = await world.needing(paying, "NEEDS_CARD")
    await world.messages(paying, found)
    return found


async def staff_of(world, paying, role="CASEMANAGER"):
    staff_id = await hire(world.services, paying.organization_id, "Mara", "Lind", role=role)
    return await bearer(world.services, paying.organization_id, staff_id)


async def send(world, payment_id, headers):
    return await world.client.post(f"/api/staff/payments/{payment_id}/send-link", headers=headers)


async def test_a_new_link_goes_out_and_the_old_one_is_worthless(world, paying, patient, payment_id):
    sent = await send(world, payment_id, await staff_of(world, paying))
    assert sent.status_code == 200, sent.text
    assert sent.json() == {"paymentId": str(payment_id), "channels": ["MAIL", "SMS"]}
    assert await world.messages(paying, payment_id) == [("MAIL", "SENT")] * 2 + [("SMS", "SENT")] * 2
    old, new = (path_in(mail.get_payload(decode=True).decode()) for mail in world.mails_to(paying))
    assert "There is a newer link" in text_of(await patient.open(old))
    assert "Pay with another card" in text_of(await patient.open(new))

    async def is_told() -> bool:
        return len(await world.events(paying, payment_id, "PAYMENT_INFO_LINK_SENT")) == 2

    await until(is_told)


async def test_the_same_request_again_sends_nothing_again(world, paying, payment_id):
    headers = await staff_of(world, paying) | {"Idempotency-Key": uuid4().hex}
    answers = [await send(world, payment_id, headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert len(await world.messages(paying, payment_id)) == 4


async def test_it_takes_the_right_to(world, paying, payment_id):
    assert (await send(world, payment_id, {})).status_code == 401
    assert (await send(world, payment_id, {"Authorization": "Bearer cvt_wrong"})).status_code == 401
    assert (await send(world, payment_id, paying.clinic.key)).status_code == 401
    for role in ("CASEWORKER", "SUPPORT"):
        assert (await send(world, payment_id, await staff_of(world, paying, role))).status_code == 403
    assert len(await world.messages(paying, payment_id)) == 2


async def test_another_clinics_payment_is_not_there(world, paying, payment_id, tmp_path):
    other = await world.clinic(tmp_path)
    headers = await staff_of(world, other)
    for ref in (payment_id, uuid4(), "nothing"):
        assert (await send(world, ref, headers)).status_code == 404
    assert len(await world.messages(paying, payment_id)) == 2


@pytest.mark.parametrize("stage", ["DONE", "WAITING", "NEEDS_STAFF", "DUE"])
async def test_a_payment_that_does_not_need_its_patient_sends_nothing(world, paying, payment_id, stage):
    await update_row(world.services, paying.organization_id, "payments", payment_id, stage=stage, next_step_at=None)
    answer = await send(world, payment_id, await staff_of(world, paying))
    assert answer.status_code == 409
    assert stage in answer.json()["detail"]
    assert len(await world.messages(paying, payment_id)) == 2


async def test_a_patient_who_cannot_be_reached_is_said_to_be(world, paying, payment_id):
    ((patient_id,),) = await world.rows(
        paying, "SELECT patient_id FROM payments WHERE organization_id = %s AND id = %s", payment_id
    )
    await update_row(world.services, paying.organization_id, "patients", patient_id, email="", phone_e164=None)
    answer = await send(world, payment_id, await staff_of(world, paying))
    assert answer.status_code == 409
    assert "e-mail address or phone number" in answer.json()["detail"]
