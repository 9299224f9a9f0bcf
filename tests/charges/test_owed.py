"""Taking back what is owed: voids and write-offs by staff, over HTTP."""

import asyncio

import pytest

from tests.catalog.events import told_of
from tests.charges.money import Till
from tests.door import closed, in_turn
from tests.factories.rows import insert_row
from tests.factories.seen import take
from tests.own_clinic import make_clinic


async def test_a_charge_is_voided(money):
    charge_id = await money.charge()
    answer = await money.ask(charge_id, "void", reason="Made twice")
    assert (answer.status_code, answer.json()) == (
        200, {"id": str(charge_id), "status": "VOID", "total": 10_000, "totalOutstanding": 0},
    )  # fmt: skip
    sums = await money.sums(charge_id)
    assert (sums.charged_cents, sums.outstanding_cents) == (10_000, 0)
    assert await told_of(money.services, money.clinic, charge_id) == [
        ("CHARGE_CREATED", "10000"),
        ("CHARGE_STATUS_CHANGED", "VOID"),
    ]
    shown = await money.shown(charge_id)
    assert (shown["status"], shown["total"], shown["totalOutstanding"]) == ("VOID", 10_000, 0)
    (adjustment,) = shown["adjustments"]
    assert (adjustment["amount"], adjustment["reason"], adjustment["adjustmentType"]) == (
        -10_000,
        "Made twice",
        "ADJUSTMENT",
    )
    entry = (await money.timeline(charge_id=charge_id))[-1]
    assert (entry["type"], entry["amount"], entry["comment"], entry["creator"]["firstName"]) == (
        "VOID",
        10_000,
        "Made twice",
        "Mina",
    )
    again = await money.ask(charge_id, "void")
    assert (again.status_code, again.json()["detail"]) == (409, "the charge is VOID")
    late = await money.ask(charge_id, "write-off")
    assert (late.status_code, late.json()["detail"]) == (409, "the charge is VOID")


async def test_what_is_outstanding_is_written_off(money):
    charge_id = await money.charge()
    await money.pay(charge_id, 4_000)
    answer = await money.ask(charge_id, "write-off", reason="Moved away")
    assert (answer.status_code, answer.json()["status"]) == (200, "WRITE_OFF")
    shown = await money.shown(charge_id)
    assert (shown["status"], shown["totalOutstanding"]) == ("WRITE_OFF", 0)
    (adjustment,) = shown["adjustments"]
    assert (adjustment["amount"], adjustment["reason"], adjustment["adjustmentType"]) == (
        -6_000,
        "Moved away",
        "WRITE_OFF",
    )
    assert [one["type"] for one in await money.timeline(charge_id=charge_id)] == ["CHARGE", "PAYMENT", "WRITE_OFF"]
    again = await money.ask(charge_id, "write-off")
    assert (again.status_code, again.json()["detail"]) == (409, "nothing of the charge is outstanding")


async def test_what_was_paid_is_refunded_not_voided(money):
    charge_id = await money.charge()
    await money.pay(charge_id, 1)
    answer = await money.ask(charge_id, "void")
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "the charge was paid, in full or in part; refund it instead",
    )
    assert (await money.sums(charge_id)).outstanding_cents == 9_999
    assert (await money.shown(charge_id))["adjustments"] == []


@pytest.mark.parametrize("status", ["SENT", "UNKNOWN"])
@pytest.mark.parametrize("act", ["void", "write-off"])
async def test_while_a_payment_is_being_taken_nothing_is_taken_back(money, status, act):
    charge_id = await money.charge()
    payment_id, _ = await money.pay(charge_id, 0, amount=10_000, status="UNPAID", stage="DUE")
    attempt = {"kind": "CHARGE", "gateway_account_id": money.gateway_id, "amount_cents": 10_000, "currency": "USD"}
    await insert_row(money.services, money.id, "payment_attempts", payment_id=payment_id, status=status, **attempt)
    answer = await money.ask(charge_id, act)
    assert (answer.status_code, answer.json()["detail"]) == (
        409, "a payment of the charge is being taken at this moment; ask again when it has ended",
    )  # fmt: skip


@pytest.mark.parametrize("act", ["void", "write-off"])
async def test_a_try_that_begins_while_the_payment_is_waited_for_is_seen(money, owner_url, act):
    charge_id = await money.charge()
    payment_id, _ = await money.pay(charge_id, 0, amount=10_000, status="UNPAID", stage="DUE")
    async with closed(owner_url, "payments", payment_id) as door:
        asked = asyncio.create_task(money.ask(charge_id, act))
        await door.until(1)
        attempt = {"kind": "CHARGE", "gateway_account_id": money.gateway_id, "amount_cents": 10_000, "currency": "USD"}
        await insert_row(money.services, money.id, "payment_attempts", payment_id=payment_id, status="SENT", **attempt)
        door.open()
        answer = await asked
    assert answer.status_code == 409, answer.text
    assert "is being taken at this moment" in answer.json()["detail"]


@pytest.mark.parametrize("act", ["void", "write-off"])
async def test_payments_that_wait_are_let_go(money, act):
    charge_id = await money.charge()
    payment_id, _ = await money.pay(charge_id, 0, amount=10_000, status="UNPAID", stage="NEEDS_CARD")
    assert (await money.ask(charge_id, act)).status_code == 200
    async with money.services.db.reading(money.id) as conn:
        cursor = await conn.execute(
            "SELECT wanted FROM payments WHERE organization_id = %s AND id = %s", (money.id, payment_id)
        )
        assert await cursor.fetchone() == ("RETURN",)


async def test_money_that_comes_after_a_void_is_credit(money):
    """The gateway took it at the same moment: it is not lost, and not owed."""
    charge_id = await money.charge()
    before = (await money.shown(charge_id))["patient"]["creditBalance"]
    assert (await money.ask(charge_id, "void")).status_code == 200
    payment_id, intent_id = await money.pay(charge_id, 10_000)
    shown = await money.shown(charge_id)
    assert (shown["status"], shown["totalOutstanding"]) == ("VOID", 0)
    assert shown["patient"]["creditBalance"] == before + 10_000
    await money.refund(payment_id, intent_id, 10_000)
    assert (await money.shown(charge_id))["patient"]["creditBalance"] == before


@pytest.mark.parametrize("is_paid_first", [True, False])
async def test_paying_against_voiding_is_one_of_the_two(money, owner_url, is_paid_first):
    """One has the payment and both wait: a payment refuses the void, a void makes the payment credit."""
    charge_id = await money.charge()
    payment_id = await money.promise(charge_id, 10_000, wanted="TAKE")
    acts = [take(money.services, money.id, payment_id, 10_000), money.ask(charge_id, "void")]
    answers = await in_turn(owner_url, "charges", charge_id, *(acts if is_paid_first else acts[::-1]))
    answer = answers[1 if is_paid_first else 0]
    sums = await money.sums(charge_id)
    status = (await money.shown(charge_id))["status"]
    ended = (409, "PAID", 10_000) if is_paid_first else (200, "VOID", 0)
    assert (answer.status_code, status, sums.paid_cents) == ended
    assert sums.outstanding_cents == 0


async def test_a_payment_begun_at_the_same_moment_refuses_the_void(money, owner_url):
    """Whoever takes back holds all of the charge's payments, or the charge is left as it is."""
    charge_id = await money.charge()
    async with closed(owner_url, "charges", charge_id) as door:
        asked = asyncio.create_task(money.ask(charge_id, "void"))
        await door.until(1)
        await money.promise(charge_id, 10_000)
        door.open()
        answer = await asked
    assert (answer.status_code, answer.json()["detail"]) == (
        409, "a payment of the charge was begun at this moment; ask again",
    )  # fmt: skip
    assert (await money.sums(charge_id)).outstanding_cents == 10_000


async def test_many_voids_at_once_are_one(money):
    charge_id = await money.charge()
    answers = await asyncio.gather(*(money.ask(charge_id, "void") for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert (await money.sums(charge_id)).outstanding_cents == 0


async def test_a_charge_over_nothing_can_be_voided(money):
    charge_id = await money.charge(0)
    assert (await money.shown(charge_id))["status"] == "PAID"
    assert (await money.ask(charge_id, "write-off")).status_code == 409
    assert (await money.ask(charge_id, "void")).json()["status"] == "VOID"


async def test_the_same_request_again_is_answered_the_same(money):
    charge_id = await money.charge()
    headers = money.manager | {"Idempotency-Key": f"void-{charge_id}"}
    answers = [await money.ask(charge_id, "void", headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_the_reason_is_sealed(money):
    charge_id = await money.charge()
    await money.ask(charge_id, "void", reason="Quillon was told")
    async with money.services.db.reading(money.id) as conn:
        cursor = await conn.execute("SELECT reason_sealed FROM charge_adjustments WHERE charge_id = %s", (charge_id,))
        ((sealed,),) = await cursor.fetchall()
    assert b"Quillon" not in bytes(sealed)


@pytest.mark.parametrize("act", ["void", "write-off"])
@pytest.mark.parametrize(
    "body",
    [
        {"reason": " "},
        {"reason": ""},
        {"reason": None},
        {"reason": "x" * 2001},
        {"because": "x"},
        {"reason": "x", "amount": 1},
    ],
)
async def test_a_reason_is_required_and_nothing_else_taken(money, act, body):
    charge_id = await money.charge()
    answer = await money.ask(charge_id, act, **body)
    assert answer.status_code == 400, answer.text
    assert "reason" in answer.text or "amount" in answer.text
    assert (await money.shown(charge_id))["status"] == "OUTSTANDING"


@pytest.mark.parametrize("act", ["void", "write-off"])
async def test_who_may_not_is_refused(money, act, other_clinic):
    charge_id = await money.charge()
    for headers, status in (
        ({}, 401),
        ({"Authorization": "Bearer cvt_wrong"}, 401),
        (money.clinic.billing, 401),
        (money.caseworker, 403),
    ):
        assert (await money.ask(charge_id, act, headers)).status_code == status
    assert (await money.shown(charge_id))["status"] == "OUTSTANDING"


@pytest.mark.parametrize("act", ["void", "write-off"])
async def test_another_clinics_charge_is_not_there(money, act, services, tmp_path, client):
    elsewhere = await Till.open(client, services, await make_clinic(services, tmp_path))
    charge_id = await elsewhere.charge()
    for ref in (charge_id, "chg_1"):
        answer = await money.ask(ref, act)
        assert (answer.status_code, answer.json()["detail"]) == (404, f"no charge {ref} here")
    assert (await elsewhere.shown(charge_id))["status"] == "OUTSTANDING"
