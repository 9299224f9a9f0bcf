"""Why an order stands where it stands: an explanation with all its members for everything an order can wait for."""

from datetime import timedelta
from typing import get_args

import pytest

from carelane.kit import clock
from carelane.orders.desk import why
from carelane.orders.sending.actions import TOO_LATE
from carelane.orders.sending.following import NO_NEWS, NOT_KNOWN
from carelane.orders.sending.handover import INACTIVE
from carelane.orders.sending.settling import UNANSWERED
from carelane.orders.sending.states import Action
from carelane.orders.states import FINAL, OrderStatus
from tests.desk.counter import ORDERS
from tests.factories.documents import attach
from tests.factories.rows import update_row

HOUR = timedelta(hours=1)
CALL = "no answer (ServerDisconnectedError)"


def ago(hours: float):
    return clock.now() - hours * HOUR


# name: (columns, what it waits for, who can move it)
STANDS = {
    "just placed": ({"status": "RECEIVED"}, "prescription document", {"CARELANE", "STAFF"}),
    "claimed, document missing": ({"status": "SENDING"}, "prescription document", {"CARELANE", "STAFF"}),
    "claimed, document there": ({"status": "SENDING", "has_document": True}, "to be handed", {"CARELANE", "STAFF"}),
    "failed before": ({"status": "SENDING", "attempts": 3, "failure": CALL}, "next attempt", {"CARELANE", "STAFF"}),
    "outcome unknown": (
        {"status": "SENDING", "sending_began_at": ago(1), "attempts": 1, "failure": CALL},
        "no answer came",
        {"CARELANE", "PHARMACY", "STAFF"},
    ),
    "outcome unknown, wanted back": (
        {"status": "SENDING", "sending_began_at": ago(1), "cancel_requested_at": ago(0.5)},
        "no answer came",
        {"CARELANE", "PHARMACY"},
    ),
    "taken back, wanted back": ({"status": "SENDING", "cancel_requested_at": ago(1)}, "to be canceled", {"CARELANE"}),
    "at the pharmacy": (
        {"status": "SENT", "sending_began_at": ago(2), "sent_at": ago(2)},
        "the pharmacy to accept",
        {"CARELANE", "PHARMACY", "STAFF"},
    ),
    "at the pharmacy, wanted back": (
        {"status": "SENT", "sending_began_at": ago(2), "cancel_requested_at": ago(1)},
        "our wish to cancel",
        {"CARELANE", "PHARMACY"},
    ),
    "accepted": (
        {"status": "ACCEPTED", "sending_began_at": ago(2), "accepted_at": ago(1)},
        "the pharmacy to ship",
        {"CARELANE", "PHARMACY", "STAFF"},
    ),
    "accepted, document not fetched": (
        {"status": "ACCEPTED", "sending_began_at": ago(2), "pharmacy_has_document": True},
        "the pharmacy's own document",
        {"CARELANE", "PHARMACY", "STAFF"},
    ),
    "accepted, too late to cancel": (
        {"status": "ACCEPTED", "sending_began_at": ago(2), "cancel_requested_at": ago(1), "cancel_failure": TOO_LATE},
        "the pharmacy to ship",
        {"CARELANE", "PHARMACY", "STAFF"},
    ),
    "shipped": (
        {"status": "SHIPPED", "sending_began_at": ago(9), "shipped_at": ago(3)},
        "the carrier to deliver",
        {"CARELANE", "PHARMACY", "STAFF"},
    ),
    "silent for long": (
        {"status": "SHIPPED", "sending_began_at": ago(900), "shipped_at": ago(800), "created_at": ago(900)},
        "told nothing for too long",
        {"CARELANE", "PHARMACY", "STAFF"},
    ),
    "given up, wanted back": (
        {"status": "NEEDS_ATTENTION", "sending_began_at": ago(2), "cancel_requested_at": ago(1), "failure": CALL},
        "our wish to cancel",
        {"CARELANE", "PHARMACY", "STAFF"},
    ),
    "given up, nobody answers the wish to cancel": (
        {
            "status": "NEEDS_ATTENTION",
            "sending_began_at": ago(2),
            "cancel_requested_at": ago(1),
            "cancel_failure": UNANSWERED,
            "failure": CALL,
        },
        "a person",
        {"PHARMACY", "STAFF"},
    ),
    "given up unsent": (
        {"status": "NEEDS_ATTENTION", "attempts": 10, "failure": "no connection (ClientConnectorError)"},
        "a person",
        {"STAFF"},
    ),
    "given up, no pharmacy": ({"status": "NEEDS_ATTENTION", "failure": INACTIVE}, "a person", {"STAFF"}),
    "given up, unknown there": (
        {"status": "NEEDS_ATTENTION", "sending_began_at": ago(9), "failure": NOT_KNOWN},
        "a person",
        {"PHARMACY", "STAFF"},
    ),
    "given up, silent": (
        {"status": "NEEDS_ATTENTION", "sending_began_at": ago(900), "failure": NO_NEWS},
        "a person",
        {"PHARMACY", "STAFF"},
    ),
}  # fmt: skip


async def explained(counter, columns):
    """The order in that state, and its explanation. Its next step is due later, so that the worker leaves it alone."""
    values = {"next_step_at": clock.now() + HOUR} | columns
    has_document = values.pop("has_document", False)
    order_id = await counter.order(**values)
    if has_document:
        ((case_id,),) = await counter.rows("SELECT case_id FROM orders WHERE id = %s", order_id)
        document_id = await attach(counter.services, counter.organization_id, case_id, b"%PDF-", "rx.pdf")
        await update_row(counter.services, counter.organization_id, "orders", order_id, document_id=document_id)
    answer = await counter.get(f"{ORDERS}/{order_id}/why")
    assert answer.status_code == 200, answer.text
    return order_id, answer.json()


@pytest.mark.parametrize("name", STANDS)
async def test_every_standstill_is_explained(counter, name):
    columns, waits_for, movers = STANDS[name]
    order_id, told = await explained(counter, columns)
    assert (told["orderId"], told["status"]) == (str(order_id), columns["status"])
    assert waits_for in told["waitsFor"]
    assert told["since"] <= clock.now().isoformat()
    assert told["next"]
    assert {mover["who"] for mover in told["whoCanMoveIt"]} == movers
    assert all(mover["how"] for mover in told["whoCanMoveIt"])
    # A time is told exactly when something of ours is due then.
    assert (told["nextAt"] is not None) == ("CARELANE" in movers)
    failure = columns.get("failure")
    assert (told["lastFailure"] or {}).get("failure") == failure


def test_the_walk_meets_every_state_that_is_not_final():
    assert {columns["status"] for columns, _, _ in STANDS.values()} == set(get_args(OrderStatus)) - FINAL


def test_every_step_of_the_worker_has_its_words():
    assert set(why._WAITS) == set(why._NEXT) == set(get_args(Action))


async def test_the_last_failed_call_is_told(counter):
    values = {"status": "SENDING", "attempts": 2, "failure": CALL}
    order_id = await counter.order(**values)
    await counter.attempt(order_id, failure="older", outcome="retry", created_at=ago(3))
    await counter.attempt(order_id, failure=CALL, http_status=502, created_at=ago(2))
    await counter.attempt(order_id, call="status", outcome="done", created_at=ago(1))
    told = (await counter.get(f"{ORDERS}/{order_id}/why")).json()["lastFailure"]
    assert (told["call"], told["outcome"], told["failure"], told["httpStatus"]) == ("new_rx", "unknown", CALL, 502)


async def test_since_is_when_it_came_into_its_state(counter):
    before = clock.now() - timedelta(seconds=5)
    order_id = await counter.order("NEEDS_ATTENTION", created_at=ago(50), pharmacy_id=None)
    await counter.act(order_id, "send")
    told = (await counter.get(f"{ORDERS}/{order_id}/why")).json()
    assert told["since"] >= before.isoformat()


@pytest.mark.parametrize(
    ("status", "movers"), [("DELIVERED", ["STAFF"]), ("REJECTED", ["STAFF"]), ("CANCELED", ["STAFF"])]
)
async def test_what_has_ended_waits_for_nothing(counter, status, movers):
    _, told = await explained(counter, {"status": status, "next_step_at": None})
    assert (told["waitsFor"], told["next"], told["nextAt"]) == ("nothing: it has ended", "nothing", None)
    assert [mover["who"] for mover in told["whoCanMoveIt"]] == movers


async def test_an_order_that_was_replaced_can_be_moved_by_nobody(counter):
    order_id = await counter.order("DELIVERED")
    await counter.act(order_id, "replace", {"reason": "lost"})
    assert (await counter.get(f"{ORDERS}/{order_id}/why")).json()["whoCanMoveIt"] == []
