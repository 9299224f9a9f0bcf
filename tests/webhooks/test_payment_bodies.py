"""What webhooks of both dialects tell of payments, refunds and disputes."""

from uuid import UUID, uuid4

import pytest

from carelane.kit import clock
from tests.detail.asking import create_case
from tests.factories.carts import convert_cart, item, make_cart
from tests.factories.payments import charge
from tests.factories.rows import insert_row
from tests.webhooks.alerts import record
from tests.webhooks.cast import happen

PAYMENT = {"id", "amount", "status", "paymentDate"}


@pytest.fixture
async def paid(client, clinic, services):
    """A case and a payment of it."""
    organization_id, case_id = UUID(clinic.organization_id), await create_case(client, clinic)
    async with services.db.reading(organization_id) as conn:
        row = await (await conn.execute("SELECT patient_id FROM cases WHERE id = %s", (case_id,))).fetchone()
    values = {"paid_at": clock.now(), "patient_id": row[0], "method": "EXTERNAL", "stage": "DONE"}
    card = {"card_brand": "visa", "card_last4": "4242"}
    return case_id, await charge(services, organization_id, case_id, 12345, **(values | card))


@pytest.fixture
def shown(clinic, services, hook, paid):
    """The body of an event of the payment, as an endpoint of that kind gets it."""

    async def tell(kind, target_id=None, **values):
        hooked = await hook(events=[kind], payload="EVENT_ONLY")
        target = {"target_id": target_id or paid[1]}
        await happen(services, UUID(clinic.organization_id), paid[0], type=kind, **target, **values)
        (request,) = await hooked.gets(kind)
        return request.json["payload"]

    return tell


@pytest.mark.parametrize(
    "kind",
    ["PAYMENT_ADDED", "PAYMENT_UPDATED", "PAYMENT_COMPLETED", "PAYMENT_FAILED", "PAYMENT_INFO_LINK_SENT", "DISPUTE_OPENED",
     "DISPUTE_CLOSED", "ADD_PAYMENT_INFO_USING_LINK"],
)  # fmt: skip
async def test_the_payment_is_told(shown, paid, kind):
    payload = await shown(kind)
    assert payload["payment"].keys() == PAYMENT
    assert (payload["payment"]["id"], payload["payment"]["amount"], payload["payment"]["status"]) == (
        str(paid[1]), "123.45", "PAID",
    )  # fmt: skip
    # Moments are written as everywhere in a body.
    assert payload["payment"]["paymentDate"].endswith("Z")
    assert payload["case"]["id"] == str(paid[0])


async def test_a_card_that_was_entered_is_told_masked(shown, paid):
    payload = await shown("ADD_PAYMENT_INFO_USING_LINK")
    assert payload["caseId"] == str(paid[0])
    info = payload["paymentInfo"]
    assert (info["maskedCardNumber"], info["cardBrand"]) == ("************4242", "visa")
    assert info["shippingAddress"] == info["billingAddress"]
    assert info["shippingAddress"].keys() == {"addressLine1", "addressLine2", "city", "state", "country", "postalCode"}


async def refund_of(services, clinic, payment_id, **values):
    usual = {"amount_cents": 100, "currency": "USD", "status": "SUCCEEDED", "reason": "duplicate"}
    return await insert_row(
        services, UUID(clinic.organization_id), "refunds", payment_id=payment_id, **(usual | values)
    )


@pytest.mark.parametrize("kind", ["REFUND_GRANTED", "REFUND_CREATED", "REFUND_COMPLETED", "REFUND_FAILED"])
async def test_the_refund_is_told(shown, paid, services, clinic, kind):
    refund_id = await refund_of(services, clinic, paid[1])
    payload = await shown(kind, refund_id)
    assert payload["refund"] == {
        "id": str(refund_id), "paymentId": str(paid[1]), "amount": "1.00", "status": "SUCCEEDED",
    }  # fmt: skip
    assert "payment" not in payload


async def test_what_is_gone_is_null(shown):
    assert (await shown("PAYMENT_FAILED", uuid4()))["payment"] is None


ALERTS = [
    ("PAYMENT_ADDED", "PAYMENT_CREATED"),
    ("PAYMENT_COMPLETED", "PAYMENT_SUCCEEDED"),
    ("PAYMENT_COMPLETED", "PAYMENT_COMPLETED"),
    ("PAYMENT_FAILED", "PAYMENT_FAILED"),
]


@pytest.mark.parametrize(("kind", "alert"), ALERTS)
async def test_the_billing_dialect_has_its_own_names(client, clinic, services, listen, told, paid, kind, alert):
    listener = await listen(alert)
    await record(services, clinic, type=kind, target_id=paid[1])
    (request,) = await told(listener)
    body = request.json
    assert body["type"] == alert
    data = body["data"]
    assert (data["id"], data["amount"], data["status"], data["currency"]) == (str(paid[1]), 12345, "SUCCEEDED", "USD")
    assert data["paymentMedium"] == "EXTERNAL"


@pytest.mark.parametrize(
    ("kind", "alert", "status"),
    [("REFUND_CREATED", "REFUND_CREATED", "SENT"), ("REFUND_FAILED", "REFUND_FAILED", "FAILED"),
     ("REFUND_COMPLETED", "REFUND_SUCCEEDED", "SUCCEEDED")],
)  # fmt: skip
async def test_refunds_in_the_billing_dialect(client, clinic, services, listen, told, paid, kind, alert, status):
    listener = await listen(alert)
    refund_id = await refund_of(services, clinic, paid[1], status=status)
    await record(services, clinic, type=kind, target_id=refund_id)
    (request,) = await told(listener)
    body = request.json
    assert (body["type"], body["data"]["paymentId"], body["data"]["amount"]) == (alert, str(paid[1]), 100)
    assert body["data"]["status"] == {"SENT": "PROCESSING"}.get(status, status)


async def test_who_asks_for_both_names_is_told_once(client, clinic, services, listen, told, paid):
    listener = await listen("PAYMENT_SUCCEEDED", "PAYMENT_COMPLETED")
    await record(services, clinic, type="PAYMENT_COMPLETED", target_id=paid[1])
    await record(services, clinic, type="PAYMENT_COMPLETED", target_id=paid[1])
    assert [request.json["type"] for request in await told(listener, 2)] == ["PAYMENT_SUCCEEDED"] * 2


async def test_an_adjustment_is_told_as_its_answer_was(client, clinic, listen, told):
    sold = await convert_cart(client, clinic, (await make_cart(client, clinic, item(clinic)))["id"])
    listener = await listen("ADJUSTMENT_CREATED")
    answers = []
    for path, more in (("adjustment", {"amount": 250}), ("write-off", {})):
        body = {"chargeId": sold.json()["id"], "reason": "Told us"} | more
        answers.append(await client.post(f"/billing/{path}/create", json=body, headers=clinic.billing))
    requests = await told(listener, 2)
    assert {one.json["type"] for one in requests} == {"ADJUSTMENT_CREATED"}
    # They may come out of turn.
    heard = sorted((one.json["data"] for one in requests), key=lambda data: -data["amount"])
    assert heard == [answer.json() for answer in answers]
