"""Card payments at the desk: what is to be paid is written down, then a kept card is charged for it, once."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from carelane.kit import clock
from carelane.kit.ids import record_id
from tests.factories.rows import update_row
from tests.payments.desk_world import PAYIN, TERMINAL, FrontDesk
from tests.payments.world import open_till

ATTEMPTS = "SELECT kind, status FROM payment_attempts ORDER BY created_at"


@pytest.fixture
def desk(till):
    return FrontDesk(till)


def places(answer):
    assert answer.status_code == 422, answer.text
    return sorted(problem["loc"] for problem in answer.json()["detail"])


async def test_a_charge_is_paid_in_full(desk, till):
    charge, card = await desk.charge(12_345), await desk.card()
    made = await desk.good("POST", PAYIN, {"charges": [{"id": charge}], "paymentMedium": "POS"})
    assert (made["sandbox"], made["sessionKey"]) == (True, made["payinConfigId"])
    assert [one["id"] for one in made["paymentMethods"]] == [card]
    answer = await desk.paid(card, made["payinConfigId"])
    assert (answer["amount"], answer["authCode"]) == (12_345, None)
    assert await desk.owed(charge) == ("PAID", 0)
    payment = await desk.payment(answer)
    assert (payment.status, payment.stage, payment.policy, str(payment.charge_id)) == (
        "PAID",
        "DONE",
        "at_desk",
        charge,
    )
    assert await till.ask(ATTEMPTS) == [("CHARGE", "SUCCEEDED")]
    assert await desk.posted() == {"CAPTURE": 12_345, "FEE": (await desk.posted())["FEE"]}
    shown = await desk.good("GET", f"/billing/charge/get/{charge}")
    paid = shown["payments"][0]["payment"]
    assert (paid["paymentMedium"], paid["status"], paid["amount"]) == ("POS", "SUCCEEDED", 12_345)
    assert sorted(await till.told(payment)) == ["PAYMENT_ADDED", "PAYMENT_COMPLETED", "PAYMENT_UPDATED"]


async def test_a_part_is_paid_and_then_the_rest(desk):
    charge, card = await desk.charge(10_000), await desk.card()
    await desk.paid(card, await desk.config(charge, paymentAmount=2_500))
    assert await desk.owed(charge) == ("OUTSTANDING", 7_500)
    await desk.paid(card, await desk.config(charge))
    assert await desk.owed(charge) == ("PAID", 0)


async def test_one_payment_settles_several_charges(desk, till):
    first, second, third = [await desk.charge(price) for price in (3_000, 5_000, 2_000)]
    card = await desk.card()
    answer = await desk.paid(card, await desk.config(first, second, third, paymentAmount=9_000))
    assert answer["amount"] == 9_000
    assert [await desk.owed(one) for one in (first, second, third)] == [
        ("PAID", 0),
        ("PAID", 0),
        ("OUTSTANDING", 1_000),
    ]
    assert len(till.intents()) == 2 - 1
    posted = await desk.posted()
    assert (posted["CAPTURE"], posted["APPLY_CREDIT"]) == (9_000, 9_000)
    assert (await till.balances()).get("credit", 0) == 0
    payment = await desk.payment(answer)
    assert (payment.charge_id, payment.captured_cents) == (None, 9_000)
    shown = await desk.good("GET", f"/billing/charge/get/{third}")
    assert [(one["paymentId"], one["amount"]) for one in shown["payments"]] == [(answer["payinId"], 1_000)]


async def test_a_refund_of_several_is_spread_over_them(desk, till):
    first, second = await desk.charge(3_000), await desk.charge(1_000)
    answer = await desk.paid(await desk.card(), await desk.config(first, second))
    payment = await desk.payment(answer)
    await till.refund(payment, 2_000)
    await till.run(payment)
    back = "SELECT charge_id, sum(amount_cents)::bigint FROM ledger_postings WHERE act = 'REFUND' GROUP BY charge_id"
    assert dict(await till.ask(back)) == {UUID(first): 1_500, UUID(second): 500}
    await till.refund(payment, 2_000)
    assert (await till.run(payment)).status == "REFUND"
    assert dict(await till.ask(back)) == {UUID(first): 3_000, UUID(second): 1_000}
    assert await desk.owed(first) == await desk.owed(second) == ("REFUNDED", 0)


@pytest.mark.parametrize(
    # Yen have no smaller unit. Of a dinar there are a thousand, and a gateway counts in tens of them.
    ("currency", "price", "part", "at_gateway"),
    [("JPY", 1_005, 5, 1_005), ("KWD", 12_340, 1_230, 12_340)],
)
async def test_yen_and_dinars_are_exact(till, tmp_path, currency, price, part, at_gateway):
    other = FrontDesk(await open_till(till.services, till.http, till.bank, tmp_path, currency=currency))
    first, second, card = await other.charge(price), await other.charge(price), await other.card()
    answer = await other.paid(card, await other.config(first, second, paymentAmount=price + part))
    assert answer["amount"] == price + part
    assert [await other.owed(one) for one in (first, second)] == [("PAID", 0), ("OUTSTANDING", price - part)]
    [intent] = other.till.intents()
    assert (intent["currency"], intent["amount_received"]) == (currency.lower(), at_gateway + part)
    payment = await other.payment(answer)
    await other.till.refund(payment, part)
    await other.till.run(payment)
    back = await other.till.ask("SELECT sum(amount_cents)::bigint FROM ledger_postings WHERE act = 'REFUND'")
    assert back == [(part,)]
    await other.till.require_agreement()


async def test_a_card_that_says_no_leaves_the_charge_owed(desk, till):
    charge, bad, good = await desk.charge(), await desk.card("pm_card_chargeCustomerFail"), await desk.card()
    config = await desk.config(charge)
    answer = await desk.paid(bad, config, "FAILED")
    assert await desk.owed(charge) == ("OUTSTANDING", 10_000)
    payment = await till.run(await desk.payment(answer))
    # Nothing is tried again when they are gone, and the intent cannot be confirmed from anywhere.
    assert (payment.status, payment.stage, payment.next_step_at) == ("CANCELED", "DONE", None)
    assert [one["status"] for one in till.intents()] == ["canceled"]
    assert [kind for kind, _ in await till.ask(ATTEMPTS)] == ["CHARGE", "RELEASE"]
    shown = await desk.good("GET", f"/billing/charge/get/{charge}")
    [failed] = shown["payments"]
    assert (failed["payment"]["status"], failed["payment"]["failedReason"]) == ("FAILED", "DECLINED")
    assert await till.ask("SELECT id FROM messages") == []
    # The same config has failed for good; another card needs another.
    assert (await desk.paid(good, config, "FAILED"))["payinId"] == answer["payinId"]
    await desk.paid(good, await desk.config(charge))
    assert await desk.owed(charge) == ("PAID", 0)


@pytest.mark.parametrize(
    "fault", ["insufficient_funds", "lost_card", "authentication_required", "expired_card", "do_not_honor"]
)
async def test_every_refusal_is_the_end_of_that_try(desk, till, fault):
    charge, card = await desk.charge(), await desk.card()
    till.fail("payment_intents.create", fault)
    answer = await desk.paid(card, await desk.config(charge), "FAILED")
    payment = await till.run(await desk.payment(answer))
    assert (payment.status, payment.captured_cents) == ("CANCELED", 0)
    assert await desk.owed(charge) == ("OUTSTANDING", 10_000)


async def test_sent_again_by_key_it_is_the_same_answer(desk, till):
    charge, card = await desk.charge(), await desk.card()
    key = {"Idempotency-Key": "pay-1"}
    body = {"charges": [{"id": charge}], "paymentMedium": "POS"}
    made = [(await desk.ask("POST", PAYIN, body, headers=key)).json() for _ in range(2)]
    assert made[0] == made[1]
    paid = [await desk.pay(card, made[0]["payinConfigId"], headers={"Idempotency-Key": "pay-2"}) for _ in range(2)]
    assert paid[0].json() == paid[1].json()
    assert paid[1].headers["idempotent-replayed"] == "true"
    assert len(till.intents()) == 1


async def test_what_is_written_down_can_change_until_a_card_was_charged(desk):
    charge, card = await desk.charge(), await desk.card()
    config = await desk.config(charge)
    url = f"{PAYIN}/{config}/metadata"
    changed = await desk.good(
        "PATCH", url, params={"payment_medium": "SAVED_PAYMENT_METHOD", "save_payment_method": "true"}
    )
    assert changed == {"payinConfigId": config, "paymentMedium": "SAVED_PAYMENT_METHOD", "savePaymentMethod": True}
    assert await desk.good("PATCH", url) == changed
    assert places(await desk.ask("PATCH", url, params={"payment_medium": "CASH"})) == [["query", "payment_medium"]]
    assert places(await desk.ask("PATCH", url, params={"save_payment_method": "so"})) == [
        ["query", "save_payment_method"]
    ]
    await desk.paid(card, config)
    assert (await desk.ask("PATCH", url, params={"payment_medium": "POS"})).status_code == 409
    assert (await desk.ask("PATCH", f"{PAYIN}/{uuid4()}/metadata")).status_code == 404
    shown = await desk.good("GET", f"/billing/charge/get/{charge}")
    assert shown["payments"][0]["payment"]["paymentMedium"] == "SAVED_PAYMENT_METHOD"


async def test_every_fault_is_named(desk, till):
    charge = await desk.charge(10_000)
    good = {"charges": [{"id": charge}], "paymentMedium": "POS"}
    for wrong, place in (
        ({"charges": []}, ["body", "charges"]),
        ({"charges": [{"id": charge}, {"id": charge}]}, ["body", "charges", 1, "id"]),
        ({"charges": [{"id": 5}]}, ["body", "charges", 0, "id"]),
        ({"paymentMedium": "CASH"}, ["body", "paymentMedium"]),
        ({"paymentMedium": "Coins"}, ["body", "paymentMedium"]),
        ({"paymentAmount": 0}, ["body", "paymentAmount"]),
        ({"paymentAmount": 10_001}, ["body", "paymentAmount"]),
        ({"paymentPlan": 3}, ["body", "paymentPlan"]),
        ({"paymentMedium": "PAYMENT_PLAN"}, ["body", "paymentMedium"]),
        ({"isSurcharged": True}, ["body", "isSurcharged"]),
        ({"membershipId": "mem_1"}, ["body", "membershipId"]),
        ({"cartId": "cart_1"}, ["body", "cartId"]),
        ({"savePaymentMethod": "so"}, ["body", "savePaymentMethod"]),
        ({"merchantAccountId": str(uuid4())}, ["body", "merchantAccountId"]),
    ):
        assert places(await desk.ask("POST", PAYIN, good | wrong)) == [place], wrong
    for wrong, text in (
        ({"charges": [{"id": "chg_none"}]}, "no charge chg_none here"),
        ({"creatorId": "prov_none"}, "no member of staff prov_none here"),
        ({"locationId": "loc_none"}, "no location loc_none here"),
    ):
        answer = await desk.ask("POST", PAYIN, good | wrong)
        assert (answer.status_code, answer.json()) == (404, {"detail": text})
    stale = await desk.ask("POST", PAYIN, good | {"charges": [{"id": charge, "totalOutstanding": 9_000}]})
    assert stale.status_code == 409
    made = await desk.good("POST", "/user/patient/create", {"firstName": "Eve"})
    other = await desk.charge(10_000, made["id"])
    both = await desk.ask("POST", PAYIN, good | {"charges": [{"id": charge}, {"id": other}]})
    assert places(both) == [["body", "charges", 1, "id"]]
    assert await till.ask("SELECT id FROM payin_configs") == []


async def test_only_a_card_of_the_patients_own_is_charged(desk, till):
    charge, config_card = await desk.charge(), await desk.card()
    config = await desk.config(charge)
    made = await desk.good("POST", "/user/patient/create", {"firstName": "Eve"})
    foreign = await desk.card("pm_card_mastercard", made["id"])
    for card in (foreign, str(uuid4()), "pm_1"):
        assert (await desk.pay(card, config)).status_code == 404
    assert places(await desk.ask("POST", f"{TERMINAL}/charge-card/{config_card}", {"x": 1})) == [
        ["body", "payinConfigId"]
    ]
    assert (await desk.pay(config_card, str(uuid4()))).status_code == 404
    gone = f"/user/patient/payment-methods/{config_card}"
    await desk.good("DELETE", gone, params={"patient_id": desk.patient})
    assert (await desk.pay(config_card, config)).status_code == 404
    assert till.intents() == []


async def test_what_is_not_owed_any_more_is_not_charged(desk, till):
    charge, card = await desk.charge(10_000), await desk.card()
    first, second = await desk.config(charge, paymentAmount=6_000), await desk.config(charge, paymentAmount=6_000)
    await desk.paid(card, first)
    refused = await desk.pay(card, second)
    assert (refused.status_code, "4000 is outstanding" in refused.json()["detail"]) == (409, True)
    voided, third = await desk.charge(), None
    third = await desk.config(voided)
    url = f"/api/staff/charges/{voided}/void"
    gone = await till.http.post(url, json={"reason": "Mistake"}, headers=till.manager.headers)
    assert gone.status_code == 200, gone.text
    assert (await desk.pay(card, third)).status_code == 409
    assert len(till.intents()) == 1
    nothing = await desk.ask("POST", PAYIN, {"charges": [{"id": voided}], "paymentMedium": "POS"})
    assert nothing.status_code == 409


async def test_who_may_not(desk, till):
    charge, card = await desk.charge(), await desk.card()
    config = await desk.config(charge)
    for method, path, body in (
        ("POST", PAYIN, {"charges": [{"id": charge}], "paymentMedium": "POS"}),
        ("PATCH", f"{PAYIN}/{config}/metadata", None),
        ("POST", f"{TERMINAL}/charge-card/{card}", {"payinConfigId": config}),
    ):
        assert (await till.http.request(method, path, json=body)).status_code == 401
        narrow = {"API-KEY": till.clinic.catalog_only_key}
        assert (await desk.ask(method, path, body, headers=narrow)).status_code == 403
    assert till.intents() == []


async def test_a_receipt_is_texted_to_nobody(desk):
    good = {"charges": [{"id": await desk.charge()}], "paymentMedium": "POS"}
    assert places(await desk.ask("POST", PAYIN, good | {"textReceipt": True})) == [["body", "textReceipt"]]
    assert (await desk.ask("POST", PAYIN, good | {"textReceipt": False})).status_code == 200


async def test_what_was_written_down_holds_for_a_day(desk, till):
    charge, card = await desk.charge(), await desk.card()
    config = await desk.config(charge)
    here = (till.services, till.organization_id)
    await update_row(*here, "payin_configs", UUID(config), created_at=clock.now() - timedelta(hours=24, seconds=1))
    refused = await desk.pay(card, config)
    assert (refused.status_code, "a new payin config" in refused.json()["detail"]) == (409, True)
    patched = await desk.ask("PATCH", f"{PAYIN}/{config}/metadata", params={"payment_medium": "POS"})
    assert patched.status_code == 409
    assert till.intents() == []
    await update_row(*here, "payin_configs", UUID(config), created_at=clock.now() - timedelta(hours=23))
    answer = await desk.paid(card, config)
    # It is answered for whoever asks again, however late.
    await update_row(*here, "payin_configs", UUID(config), created_at=clock.now() - timedelta(days=2))
    assert (await desk.paid(card, config))["payinId"] == answer["payinId"]


async def test_a_charge_is_named_once_whatever_it_is_called(desk, till):
    """By the name that its caller gave it, and by the id that this stands for."""
    items = [{"itemId": till.clinic.item_id, "quantity": 1, "price": 10_000}]
    body = {"id": "chg twice", "patientId": desk.patient, "totalOutstanding": 10_000, "items": items}
    await desk.good("POST", "/billing/payment-terminal/charge/create", body)
    both = ["chg twice", str(record_id(till.organization_id, "chg twice"))]
    config = {"charges": [{"id": one} for one in both], "paymentMedium": "VIRTUAL_TERMINAL"}
    refused = await desk.ask("POST", PAYIN, config)
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["body", "charges", 1, "id"])
