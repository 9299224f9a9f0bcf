"""What a card's refusal means, and where a payment stands: the same facts, the same judgement."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from carelane.kit.ids import uuid7
from carelane.payments.gateways.simulator.cards import DECLINES
from carelane.payments.queries import PaymentRow
from carelane.payments.settling.judging import judge
from carelane.payments.settling.planning import next_step
from carelane.payments.settling.queries import AttemptRow, DisputeRow, IntentRow, RefundRow, Standing
from carelane.payments.states import RETRY_WAITS, decline_of, retry_wait

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
RETRY = timedelta(seconds=5)
CLINIC, ACCOUNT, PAYMENT = uuid7(), uuid7(), uuid7()

NEVER_AGAIN = (
    "lost_card", "stolen_card", "expired_card", "invalid_account", "pickup_card", "fraudulent", "restricted_card",
    "revocation_of_authorization", "revocation_of_all_authorizations", "stop_payment_order", "do_not_try_again",
    "card_not_supported", "currency_not_supported", "incorrect_number", "merchant_blacklist", "not_permitted",
    "security_violation", "transaction_not_allowed", "account_closed", " LOST_CARD ",
)  # fmt: skip
LATER_PERHAPS = (
    "insufficient_funds", "generic_decline", "do_not_honor", "processing_error", "try_again_later", "issuer_not_available",
    "card_velocity_exceeded", "approve_with_id", "call_issuer", "reenter_transaction", "a_code_of_next_year", "",
)  # fmt: skip


@pytest.mark.parametrize("code", NEVER_AGAIN)
def test_a_card_that_will_never_be_good_is_never_tried_again(code):
    assert decline_of(code) == "HARD"


@pytest.mark.parametrize("code", LATER_PERHAPS)
def test_a_card_that_may_be_good_later_is_tried_later(code):
    assert decline_of(code) == "SOFT"


def test_a_card_that_needs_the_patient_is_confirmed_by_the_patient():
    assert decline_of("authentication_required") == "PATIENT"


def test_every_code_of_the_simulator_has_one_meaning():
    assert {decline_of(code) for code in DECLINES} == {"HARD", "SOFT", "PATIENT"}


def test_three_more_tries_take_five_days():
    assert sum(RETRY_WAITS, timedelta()) == timedelta(days=5)
    assert [retry_wait(tries) is not None for tries in (1, 2, 3, 4, 5)] == [True, True, True, False, False]
    assert retry_wait(0) is None


def payment(**values):
    usual = dict.fromkeys(PaymentRow.__struct_fields__) | {
        "organization_id": CLINIC, "id": PAYMENT, "case_id": uuid7(), "amount_cents": 100, "currency": "USD",
        "status": "UNPAID", "is_test": False, "method": "GATEWAY", "policy": "charge_on_approval", "stage": "WAITING",
        "gateway_account_id": ACCOUNT, "customer_id": "cus_1", "method_id": "pm_1", "captured_cents": 0,
        "refunded_cents": 0, "disputed_cents": 0, "tries": 0, "link_version": 1, "created_at": NOW,
    }  # fmt: skip
    return PaymentRow(**(usual | values))


def intent(status, **values):
    usual = dict.fromkeys(IntentRow.__struct_fields__) | {
        "organization_id": CLINIC, "id": uuid7(), "payment_id": PAYMENT, "gateway_account_id": ACCOUNT,
        "gateway_id": "pi_1", "status": status, "amount_cents": 100, "currency": "USD", "capturable_cents": 0,
        "captured_cents": 100 if status == "succeeded" else 0, "refunded_cents": 0, "fee_cents": 3, "created_at": NOW,
        "updated_at": NOW,
    }  # fmt: skip
    return IntentRow(**(usual | values))


def attempt(kind, status, **values):
    usual = dict.fromkeys(AttemptRow.__struct_fields__) | {
        "organization_id": CLINIC, "id": uuid7(), "payment_id": PAYMENT, "kind": kind, "gateway_account_id": ACCOUNT,
        "amount_cents": 100, "currency": "USD", "status": status, "sends": 1, "created_at": NOW, "sent_at": NOW,
    }  # fmt: skip
    return AttemptRow(**(usual | values))


def refund(status, cents=100, **values):
    usual = dict.fromkeys(RefundRow.__struct_fields__) | {
        "organization_id": CLINIC, "id": uuid7(), "payment_id": PAYMENT, "amount_cents": cents, "currency": "USD",
        "status": status, "granted_at": NOW,
    }  # fmt: skip
    return RefundRow(**(usual | values))


def dispute(status):
    usual = dict.fromkeys(DisputeRow.__struct_fields__) | {
        "organization_id": CLINIC, "id": uuid7(), "payment_id": PAYMENT, "gateway_account_id": ACCOUNT,
        "gateway_id": "du_1", "amount_cents": 100, "fee_cents": 15, "currency": "USD", "status": status, "opened_at": NOW,
    }  # fmt: skip
    return DisputeRow(**usual)


def tried(method_id):
    """What was made of `ASKED`."""
    return attempt("CHARGE", "NEEDS_PATIENT", intent_id=ASKED.id, method_id=method_id)


TAKE = {"wanted": "TAKE", "decided_at": NOW}
RETURN = {"wanted": "RETURN", "decided_at": NOW}
SOON, LONG_AGO = NOW + timedelta(seconds=60), NOW - timedelta(days=3)
PAID = intent("succeeded")
ASKED = intent("requires_action")

# What is recorded, then stage, status, and what is next.
JUDGEMENTS = (
    ("undecided", payment(), {}, "WAITING", "UNPAID", None),
    ("kept only", payment(method="REFERENCE", stage="UNVERIFIED"), {}, "UNVERIFIED", "UNPAID", None),
    ("not verified yet", payment(stage="UNCHECKED", **TAKE), {}, "UNCHECKED", "UNPAID", "CHECK"),
    ("rejected, not verified yet", payment(stage="UNCHECKED", **RETURN), {}, "UNCHECKED", "UNPAID", "CHECK"),
    ("approved, a card", payment(**TAKE), {}, "DUE", "UNPAID", "CHARGE"),
    ("approved, no card", payment(method_id=None, **TAKE), {}, "NEEDS_CARD", "UNPAID", "JUDGE"),
    ("declined for a while, and no card any more", payment(decline_code="insufficient_funds", tries=1, method_id=None, **TAKE), {}, "NEEDS_CARD", "UNPAID", "JUDGE"),
    ("approved, nobody's card", payment(customer_id=None, **TAKE), {}, "NEEDS_CARD", "UNPAID", "JUDGE"),
    ("approved, nothing to pay", payment(amount_cents=0, **TAKE), {}, "DONE", "PAID", None),
    ("undecided, nothing to pay", payment(amount_cents=0), {}, "WAITING", "UNPAID", None),
    ("approved, held", payment(**TAKE), {"intents": [intent("requires_capture")]}, "DUE", "UNPAID", "CAPTURE"),
    ("held too long", payment(**TAKE), {"intents": [intent("requires_capture", hold_ends_at=SOON)]}, "DUE", "UNPAID", "FETCH"),
    ("under way", payment(**TAKE), {"intents": [intent("processing")]}, "DUE", "UNPAID", "FETCH"),
    ("to be confirmed", payment(**TAKE), {"intents": [intent("requires_action")]}, "NEEDS_PATIENT", "UNPAID", "JUDGE"),
    ("to be confirmed, with the card that we tried", payment(**TAKE), {"intents": [ASKED], "attempts": [tried("pm_1")]}, "NEEDS_PATIENT", "UNPAID", "JUDGE"),
    ("to be confirmed, and another card came", payment(**TAKE), {"intents": [ASKED], "attempts": [tried("pm_0")]}, "DUE", "UNPAID", "RELEASE"),
    ("never confirmed", payment(**TAKE), {"intents": [intent("requires_payment_method")]}, "DUE", "UNPAID", "RELEASE"),
    ("canceled", payment(**TAKE), {"intents": [intent("canceled")]}, "DUE", "UNPAID", "CHARGE"),
    ("paid", payment(**TAKE), {"intents": [PAID]}, "DONE", "PAID", None),
    ("paid ahead", payment(), {"intents": [PAID]}, "WAITING", "PAID", None),
    ("paid on a page", payment(policy="on_page"), {"intents": [PAID]}, "DONE", "PAID", None),
    ("paid, fee unknown", payment(**TAKE), {"intents": [replace(PAID, fee_cents=None)]}, "DONE", "PAID", "FETCH"),
    ("paid twice", payment(**TAKE), {"intents": [PAID, PAID]}, "NEEDS_STAFF", "PAID", None),
    ("some of it gone before anybody looked", payment(stage="NEEDS_STAFF", failure="MONEY_GONE", **TAKE), {"intents": [PAID], "refunds": [refund("SUCCEEDED", 40)]}, "NEEDS_STAFF", "PAID", None),
    ("paid twice, given back once", payment(stage="NEEDS_STAFF", failure="PAID_TWICE", **TAKE), {"intents": [PAID, PAID], "refunds": [refund("SUCCEEDED")]}, "DONE", "PAID", None),
    ("given back twice", payment(**TAKE), {"intents": [PAID], "refunds": [refund("SUCCEEDED"), refund("SUCCEEDED", 40)]}, "NEEDS_STAFF", "REFUND", None),
    ("given back twice, and once after all", payment(stage="NEEDS_STAFF", failure="RETURNED_TWICE", **TAKE), {"intents": [PAID], "refunds": [refund("FAILED"), refund("SUCCEEDED", 40)]}, "DONE", "PAID", None),
    ("rejected, given back twice", payment(**RETURN), {"intents": [PAID], "refunds": [refund("SUCCEEDED"), refund("SUCCEEDED", 40)]}, "NEEDS_STAFF", "REFUND", None),
    ("paid in part", payment(**TAKE), {"intents": [replace(PAID, captured_cents=40)]}, "NEEDS_STAFF", "UNPAID", None),
    ("in hand", payment(**TAKE), {"attempts": [attempt("CHARGE", "SENT")]}, "DUE", "UNPAID", "LOOK_UP"),
    ("a page is nobody's try", payment(**TAKE), {"attempts": [attempt("CHECKOUT", "SENT")]}, "DUE", "UNPAID", "CHARGE"),
    ("nobody knows", payment(stage="NEEDS_STAFF", failure="OUTCOME_UNKNOWN", **TAKE), {"attempts": [attempt("CHARGE", "UNKNOWN")]}, "NEEDS_STAFF", "UNPAID", None),
    ("declined for good", payment(decline_code="lost_card", **TAKE), {}, "NEEDS_CARD", "UNPAID", "JUDGE"),
    ("declined for now", payment(decline_code="do_not_honor", tries=1, **TAKE), {"attempts": [attempt("CHARGE", "FAILED", settled_at=NOW)]}, "DUE", "UNPAID", "CHARGE"),
    ("declined four times", payment(decline_code="do_not_honor", tries=4, **TAKE), {}, "NEEDS_CARD", "UNPAID", "JUDGE"),
    ("approved a week ago", payment(wanted="TAKE", decided_at=NOW - timedelta(days=7)), {}, "NEEDS_STAFF", "UNPAID", None),
    ("approved a week ago, tried again", payment(wanted="TAKE", decided_at=NOW - timedelta(days=7), restarted_at=NOW), {}, "DUE", "UNPAID", "CHARGE"),
    ("rejected", payment(**RETURN), {}, "DONE", "CANCELED", None),
    ("rejected, held", payment(**RETURN), {"intents": [intent("requires_capture")]}, "RELEASING", "UNPAID", "RELEASE"),
    ("rejected, paid", payment(**RETURN), {"intents": [PAID]}, "RELEASING", "PAID", "RETURN"),
    ("rejected, in dispute", payment(**RETURN), {"intents": [PAID], "disputes": [dispute("OPEN")]}, "DONE", "IN_DISPUTE", None),
    ("rejected, on its way back", payment(**RETURN), {"intents": [PAID], "refunds": [refund("SENT")]}, "RELEASING", "REFUND", None),
    ("rejected, given back", payment(**RETURN), {"intents": [PAID], "refunds": [refund("SUCCEEDED")]}, "DONE", "REFUND", None),
    ("a refund to send", payment(**TAKE), {"intents": [PAID], "refunds": [refund("SENDING", 10)]}, "DONE", "PAID", "REFUND"),
    ("a refund that is only granted", payment(**TAKE), {"intents": [PAID], "refunds": [refund("GRANTED", 10)]}, "DONE", "PAID", None),
    ("in dispute", payment(**TAKE), {"intents": [PAID], "disputes": [dispute("OPEN")]}, "DONE", "IN_DISPUTE", None),
    ("dispute lost", payment(**TAKE), {"intents": [PAID], "disputes": [dispute("LOST")]}, "DONE", "LOST_DISPUTE", None),
    ("dispute won", payment(**TAKE), {"intents": [PAID], "disputes": [dispute("WON")]}, "DONE", "PAID", None),
    ("money of the other kind", payment(stage="NEEDS_STAFF", failure="MODE_DIFFERS", **TAKE), {}, "NEEDS_STAFF", "ERROR", None),
)  # fmt: skip


@pytest.mark.parametrize("case", JUDGEMENTS, ids=[case[0] for case in JUDGEMENTS])
def test_the_same_facts_have_one_judgement(case):
    _, row, recorded, stage, status, act = case
    standing = Standing(payment=row, **recorded)
    judged = judge(standing, NOW, RETRY)
    assert (judged.stage, judged.status) == (stage, status)
    again = judge(replace(standing, payment=judged), NOW, RETRY)
    assert again == judged
    step = next_step(replace(standing, payment=judged), NOW, RETRY)
    assert (step.act if step else None) == act
    assert judged.next_step_at == (step.at if step and judged.stage != "UNCHECKED" else None)


def test_each_sending_makes_the_next_look_wait_longer():
    waits = []
    for sends in (1, 2, 3, 20):
        standing = Standing(payment=payment(**TAKE), attempts=[attempt("CHARGE", "SENT", sends=sends)])
        waits.append((judge(standing, NOW, RETRY).next_step_at - NOW).total_seconds())
    assert waits == [5, 10, 20, 3_600]
