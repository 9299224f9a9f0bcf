"""POST /billing/adjustment/create and /billing/write-off/create, over HTTP."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from carelane.ledger.reads import shares_of
from tests.catalog.events import told_of
from tests.door import in_turn
from tests.factories.rows import insert_row, update_row
from tests.factories.seen import take
from tests.own_clinic import make_clinic

ADJUST = "/billing/adjustment/create"
WRITE_OFF = "/billing/write-off/create"


@pytest.fixture
def act(client, till):
    """The answer to an adjustment, or a write-off where no amount is given."""

    async def send(charge_id, amount=None, status=200, headers=None, /, **more):
        path = WRITE_OFF if amount is None else ADJUST
        body = {"chargeId": str(charge_id), "reason": "Told us"} | ({} if amount is None else {"amount": amount}) | more
        own = till.billing if headers is None else headers
        answer = await client.post(path, json=body, headers=own)
        assert answer.status_code == status, answer.text
        return answer.json()

    return send


async def test_what_is_owed_is_raised_and_lowered(money, act, till):
    charge_id = await money.charge()
    raised = await act(charge_id, 1_500, reason="A second box", providerId=till.creator_id, locationId=till.location_id)
    assert {name: raised[name] for name in raised if name not in {"id", "createdDate"}} == {
        "chargeId": str(charge_id), "providerId": till.creator_id, "locationId": till.location_id, "amount": 1_500,
        "reason": "A second box", "adjustmentType": "ADJUSTMENT",
    }  # fmt: skip
    lowered = await act(charge_id, -500)
    assert (lowered["amount"], lowered["providerId"], lowered["locationId"]) == (-500, None, None)
    shown = await money.shown(charge_id)
    assert (shown["total"], shown["totalOutstanding"], shown["status"]) == (10_000, 11_000, "OUTSTANDING")
    assert shown["adjustments"] == [raised, lowered]
    entries = await money.timeline(charge_id=charge_id)
    assert [(one["type"], one["amount"], one["comment"]) for one in entries[1:]] == [
        ("ADJUSTMENT", 1_500, "A second box"), ("ADJUSTMENT", -500, "Told us"),
    ]  # fmt: skip
    assert await told_of(money.services, money.clinic, charge_id) == [
        ("CHARGE_CREATED", "10000"),
    ]
    for one in (raised, lowered):
        assert await told_of(money.services, money.clinic, one["id"]) == [("ADJUSTMENT_CREATED", "ADJUSTMENT")]


async def test_lowered_to_nothing_it_is_paid_and_raised_again_it_is_owed(money, act):
    charge_id = await money.charge()
    await act(charge_id, -10_000)
    assert (await money.shown(charge_id))["status"] == "PAID"
    await act(charge_id, 1)
    shown = await money.shown(charge_id)
    assert (shown["status"], shown["totalOutstanding"]) == ("OUTSTANDING", 1)


async def test_never_below_nothing(money, act):
    charge_id = await money.charge()
    await money.pay(charge_id, 9_000)
    answer = await act(charge_id, -1_001, 422)
    (problem,) = answer["detail"]
    assert (problem["loc"], problem["msg"]) == (
        ["body", "amount"], "expected -1000 or more; no more than that is outstanding",
    )  # fmt: skip
    await act(charge_id, 9_999_999_999, 422)
    assert (await money.shown(charge_id))["totalOutstanding"] == 1_000


async def test_refunds_undo_what_was_adjusted_too(money, act):
    charge_id = await money.charge()
    await act(charge_id, 2_500)
    await act(charge_id, -1_234)
    payment_id, intent_id = await money.pay(charge_id, 11_266)
    assert (await money.shown(charge_id))["status"] == "PAID"
    for cents in (1, 7_000, 4_265):
        await money.refund(payment_id, intent_id, cents)
    assert (await money.shown(charge_id))["status"] == "REFUNDED"
    async with money.services.db.reading(money.id) as conn:
        assert await shares_of(conn, money.id, charge_id) == []


async def test_a_void_takes_back_what_was_adjusted_and_written_off(money, act):
    for acts in ((700, -200), (-10_000,), (300, None), (None, 50)):
        charge_id = await money.charge()
        for amount in acts:
            await act(charge_id, amount)
        assert (await money.ask(charge_id, "void")).json()["status"] == "VOID"
        assert (await money.sums(charge_id)).outstanding_cents == 0
        async with money.services.db.reading(money.id) as conn:
            assert await shares_of(conn, money.id, charge_id) == []
        assert (await act(charge_id, 5, 409))["detail"] == "the charge is VOID"


async def test_what_is_outstanding_is_written_off_once(money, act, till):
    charge_id = await money.charge()
    await money.pay(charge_id, 4_000)
    made = await act(charge_id, reason="Moved away", providerId=till.creator_id)
    assert (made["amount"], made["adjustmentType"], made["providerId"]) == (-6_000, "WRITE_OFF", till.creator_id)
    assert (await money.shown(charge_id))["status"] == "WRITE_OFF"
    assert (await act(charge_id, None, 409))["detail"] == "nothing of the charge is outstanding"
    await act(charge_id, 10)
    words = "the charge was written off before; lower what is owed since by an adjustment"
    assert (await act(charge_id, None, 409))["detail"] == words
    await act(charge_id, -10)
    assert (await money.shown(charge_id))["status"] == "WRITE_OFF"


@pytest.mark.parametrize("amount", [-4_000, None])
async def test_while_a_payment_is_being_taken_nothing_is_taken_back(money, act, amount):
    charge_id = await money.charge()
    payment_id, _ = await money.pay(charge_id, 0, amount=10_000, status="UNPAID", stage="DUE")
    attempt = {"kind": "CHARGE", "gateway_account_id": money.gateway_id, "amount_cents": 10_000, "currency": "USD"}
    await insert_row(money.services, money.id, "payment_attempts", payment_id=payment_id, status="SENT", **attempt)
    assert "is being taken at this moment" in (await act(charge_id, amount, 409))["detail"]


async def test_a_payment_under_way_is_not_left_to_take_too_much(money, act):
    charge_id = await money.charge()
    payment_id, _ = await money.pay(charge_id, 0, amount=10_000, status="UNPAID", stage="NEEDS_CARD")
    assert "under way" in (await act(charge_id, -1, 409))["detail"]
    await act(charge_id, 1)
    await act(charge_id, -1)
    # Where nothing is left, it is let go.
    await act(charge_id, -10_000)
    assert await money.rows("SELECT wanted FROM payments WHERE id = %s", payment_id) == [("RETURN",)]


@pytest.mark.parametrize("is_paid_first", [True, False])
async def test_paying_against_lowering_never_owes_less_than_nothing(money, act, owner_url, client, is_paid_first):
    charge_id = await money.charge()
    payment_id = await money.promise(charge_id, 10_000, wanted="TAKE", stage="DONE")
    body = {"chargeId": str(charge_id), "amount": -4_000, "reason": "x"}
    lowering = client.post(ADJUST, json=body, headers=money.clinic.billing)
    acts = [take(money.services, money.id, payment_id, 10_000), lowering]
    answers = await in_turn(owner_url, "charges", charge_id, *(acts if is_paid_first else acts[::-1]))
    assert answers[1 if is_paid_first else 0].status_code == (422 if is_paid_first else 200)
    assert (await money.sums(charge_id)).outstanding_cents == 0


async def test_many_lowerings_at_once_end_at_nothing(money, client):
    charge_id = await money.charge(10_000)
    body = {"chargeId": str(charge_id), "amount": -1_500, "reason": "x"}
    answers = await asyncio.gather(*(client.post(ADJUST, json=body, headers=money.clinic.billing) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 6 + [422] * 4
    assert (await money.shown(charge_id))["totalOutstanding"] == 1_000


async def test_the_same_request_again_is_one_adjustment(money, act, till):
    charge_id = await money.charge()
    for amount in (-1_000, None):
        headers = till.billing | {"Idempotency-Key": f"adjust-{uuid4()}"}
        first, second = [await act(charge_id, amount, 200, headers) for _ in range(2)]
        assert first == second
    assert len((await money.shown(charge_id))["adjustments"]) == 2


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("amount", {"amount": 0}), ("amount", {"amount": 1.5}), ("amount", {"amount": 10_000_000_000}),
        ("reason", {"reason": " "}), ("reason", {"reason": None}), ("reason", {"reason": "x" * 2_001}),
        ("chargeId", {"chargeId": ""}), ("providerId", {"providerId": "/"}), ("locationId", {"locationId": 5}),
    ],
)  # fmt: skip
async def test_each_wrong_member_is_named(money, act, field, more):
    charge_id = await money.charge()
    ways = [1] if field == "amount" else [1, None]
    for amount in ways:
        answer = await act(charge_id, amount, 422, **more)
        assert [one["loc"] for one in answer["detail"]] == [["body", field]], answer
    assert (await money.shown(charge_id))["adjustments"] == []


async def test_who_may_not_is_refused(money, act, till):
    charge_id = await money.charge()
    for amount in (-1, None):
        await act(charge_id, amount, 401, {})
        await act(charge_id, amount, 401, till.billing | {"API-KEY": "cvk_wrong"})
        await act(charge_id, amount, 403, till.billing | {"API-KEY": till.catalog_only_key})
    assert (await money.shown(charge_id))["adjustments"] == []


async def test_what_is_not_there_is_named(money, act, services, tmp_path, client, till):
    charge_id = await money.charge()
    other = await make_clinic(services, tmp_path)
    for amount in (-1, None):
        assert (await act("chg_1", amount, 404))["detail"] == "no charge chg_1 here"
        assert (await act(charge_id, amount, 404, other.billing))["detail"] == f"no charge {charge_id} here"
        unknown = await act(charge_id, amount, 404, providerId=other.creator_id)
        assert unknown["detail"] == f"no member of staff {other.creator_id} here"
        unknown = await act(charge_id, amount, 404, locationId=other.location_id)
        assert unknown["detail"] == f"no location {other.location_id} here"
        archived = await money.charge()
        await update_row(money.services, money.id, "charges", archived, archived_at=datetime.now(UTC))
        assert (await act(archived, amount, 404))["detail"] == f"no charge {archived} here"
    assert (await money.sums(UUID(str(charge_id)))).outstanding_cents == 10_000


async def test_names_in_either_case(money, client, till):
    charge_id = await money.charge()
    body = {"charge_id": str(charge_id), "amount": -1, "reason": "x", "provider_id": till.creator_id}
    answer = await client.post(ADJUST, json=body, headers=till.billing)
    assert (answer.status_code, answer.json()["providerId"]) == (200, till.creator_id)


async def test_the_reason_is_sealed(money, act):
    charge_id = await money.charge()
    await act(charge_id, -1, reason="Quillon was told")
    ((sealed,),) = await money.rows("SELECT reason_sealed FROM charge_adjustments WHERE charge_id = %s", charge_id)
    assert b"Quillon" not in bytes(sealed)
