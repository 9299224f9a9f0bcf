"""The body of events that belong to no case: patients, catalogue, carts, quotes, charges."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from carelane import events
from carelane.kit.auth import system_actor
from carelane.kit.ids import record_id
from tests.factories.charges import line, make_charge
from tests.factories.rows import insert_row


@pytest.fixture
def told(services, hook, clinic):
    """The body of an event as an endpoint of that kind gets it."""

    async def tell(**event):
        hooked = await hook(events=[event["type"]])
        actor = system_actor(UUID(clinic.organization_id))
        async with services.db.transaction(actor) as conn:
            await events.record(conn, events.new_event(actor, case_id=None, **event))
        (request,) = await hooked.gets(event["type"])
        return request.json

    return tell


async def test_a_record_is_told_by_the_name_its_storefront_gave_it(told, services, clinic):
    organization_id = UUID(clinic.organization_id)
    named = {"id": record_id(organization_id, "pat_7"), "given_id": "pat_7", "email": None}
    patient_id = await insert_row(services, organization_id, "patients", **named)
    body = await told(type="PATIENT_UPDATED", target_id=patient_id)
    assert set(body["payload"]) == {"patient", "activity"}
    assert body["payload"]["patient"] == {"id": "pat_7"}
    assert (body["event"], body["sequence"]) == ("PATIENT_UPDATED", None)


async def test_a_record_without_such_a_name_is_told_by_its_id(told, services, clinic):
    patient_id = await insert_row(services, UUID(clinic.organization_id), "patients", email=None)
    body = await told(type="PATIENT_ARCHIVED", target_id=patient_id)
    assert body["payload"]["patient"] == {"id": str(patient_id)}


async def test_what_changed_in_the_catalogue_stands_under_its_kind(told, clinic):
    body = await told(type="CATALOG_CHANGED", target_id=UUID(clinic.product_id), value_after="item")
    assert body["payload"]["item"] == {"id": clinic.product_id}


@pytest.mark.parametrize("event", ["CART_STATUS_CHANGED", "QUOTE_STATUS_CHANGED", "CHARGE_CREATED"])
async def test_the_states_are_in_the_activity(told, event):
    target = UUID(int=7)
    body = await told(type=event, target_id=target, value_before="DRAFT", value_after="EXPIRED")
    noun = event.split("_")[0].lower()
    assert body["payload"][noun] == {"id": str(target)}
    activity = body["payload"]["activity"]
    assert (activity["valueBefore"], activity["valueAfter"]) == ("DRAFT", "EXPIRED")


async def test_a_promo_code_stands_under_its_own_name(told):
    body = await told(type="CATALOG_CHANGED", target_id=UUID(int=7), value_after="promo_code")
    assert body["payload"]["promoCode"] == {"id": str(UUID(int=7))}


async def test_a_message_is_told_by_its_id(told):
    body = await told(type="MESSAGE_RETRIED", target_id=UUID(int=7))
    assert body["payload"]["message"] == {"id": str(UUID(int=7))}


@pytest.mark.parametrize(
    ("currency", "amount", "status", "paid_at"),
    [
        ("USD", "123.45", "PAID", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("JPY", "12345", "PAID", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("KWD", "12.345", "PAID", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("USD", "123.45", "UNPAID", None),
    ],
)
async def test_a_payment_that_no_case_has(told, services, clinic, currency, amount, status, paid_at):
    """Of a quote's charge, paid on a page."""
    organization_id = UUID(clinic.organization_id)
    charge_id = await make_charge(
        services, clinic, line(price=12_345, product_id=UUID(clinic.item_id)), currency=currency
    )
    payment_id = await insert_row(
        services, organization_id, "payments", charge_id=charge_id, patient_id=UUID(clinic.patient_id),
        amount_cents=12_345, currency=currency, status=status, paid_at=paid_at,
    )  # fmt: skip
    body = await told(type="PAYMENT_UPDATED", target_id=payment_id)
    assert set(body["payload"]) == {"payment", "activity"}
    assert body["payload"]["payment"] == {
        "id": str(payment_id), "amount": amount, "status": status,
        "paymentDate": "2026-01-02T03:04:05Z" if paid_at else None,
    }  # fmt: skip
