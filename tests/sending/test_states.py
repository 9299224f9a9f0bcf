"""What comes next, as a table: every state, and what else can be said of an order in it."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import uuid4

import pytest

from carelane.orders.sending import states
from carelane.orders.sending.queries import LockedOrder
from carelane.orders.states import FINAL, OrderStatus
from carelane.payments.gate.queries import PaymentWait
from carelane.settings import Settings

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = {"sending_began_at": NOW}
WANTED = {"cancel_requested_at": NOW}
REFUSED = {"cancel_requested_at": NOW, "cancel_failure": "TOO_LATE"}
DOCUMENT = {"pharmacy_has_document": True}
FETCHED = {"pharmacy_has_document": True, "pharmacy_document_id": uuid4()}
UNPAID = {"payment_wait": PaymentWait(id=uuid4(), status="UNPAID", stage="WAITING", failure=None, since=NOW)}
SETTINGS = Settings()


def order(status: OrderStatus, **values: object) -> LockedOrder:
    ids = {name: uuid4() for name in ("organization_id", "id", "case_id", "external_id")}
    usual = {"created_at": NOW - timedelta(hours=1), "is_test": False}
    return LockedOrder(status=status, **(ids | usual | values))


TABLE = [
    ("RECEIVED", {}, "SEND"),
    ("RECEIVED", WANTED, "CANCEL_UNSENT"),
    ("SENDING", {}, "SEND"),
    ("SENDING", WANTED, "CANCEL_UNSENT"),
    ("SENDING", REFUSED, "SEND"),
    ("RECEIVED", UNPAID, "AWAIT_PAYMENT"),
    ("RECEIVED", UNPAID | WANTED, "CANCEL_UNSENT"),
    ("SENDING", UNPAID, "AWAIT_PAYMENT"),
    ("SENDING", UNPAID | LATER, "ASK"),
    ("SENDING", LATER, "ASK"),
    ("SENDING", LATER | WANTED, "ASK"),
    ("SENT", LATER, "POLL"),
    ("SENT", LATER | DOCUMENT, "POLL"),
    ("SENT", LATER | WANTED, "CANCEL"),
    ("SENT", LATER | REFUSED, "POLL"),
    ("ACCEPTED", LATER, "POLL"),
    ("ACCEPTED", LATER | WANTED | DOCUMENT, "CANCEL"),
    ("ACCEPTED", LATER | REFUSED | DOCUMENT, "FETCH_DOCUMENT"),
    ("ACCEPTED", LATER | FETCHED, "POLL"),
    ("SHIPPED", LATER | WANTED, "POLL"),
    ("SHIPPED", LATER | DOCUMENT, "FETCH_DOCUMENT"),
    ("SHIPPED", LATER | {"created_at": NOW - timedelta(days=31)}, "GIVE_UP"),
    ("SHIPPED", LATER | {"created_at": NOW - timedelta(days=31), "shipped_at": NOW - timedelta(days=1)}, "POLL"),
    ("SENT", LATER | {"created_at": NOW - timedelta(days=9), "sent_at": NOW - timedelta(hours=71)}, "POLL"),
    ("SENT", LATER | {"created_at": NOW - timedelta(days=9), "sent_at": NOW - timedelta(hours=73)}, "GIVE_UP"),
    ("ACCEPTED", LATER | {"accepted_at": NOW - timedelta(days=13), "created_at": NOW - timedelta(days=19)}, "POLL"),
    ("ACCEPTED", LATER | {"accepted_at": NOW - timedelta(days=15), "created_at": NOW - timedelta(days=19)}, "GIVE_UP"),
    ("DELIVERED", LATER, None),
    ("DELIVERED", LATER | DOCUMENT, "FETCH_DOCUMENT"),
    ("REJECTED", LATER | DOCUMENT | WANTED, None),
    ("CANCELED", LATER | DOCUMENT | WANTED, None),
    ("NEEDS_ATTENTION", LATER, None),
    ("NEEDS_ATTENTION", DOCUMENT, None),
    ("NEEDS_ATTENTION", WANTED, "CANCEL_UNSENT"),
    ("NEEDS_ATTENTION", LATER | WANTED, "CANCEL"),
    ("NEEDS_ATTENTION", LATER | REFUSED, None),
]


@pytest.mark.parametrize(("status", "values", "expected"), TABLE)
def test_what_comes_next(status, values, expected):
    assert states.next_step(order(status, **values), NOW) == expected


def test_the_table_has_every_state():
    assert {status for status, _, _ in TABLE} == set(get_args(OrderStatus))


@pytest.mark.parametrize("status", ["RECEIVED", "SENDING"])
def test_nothing_that_may_have_arrived_is_ever_sent(status):
    for values in ({}, WANTED, REFUSED, DOCUMENT, {"attempts": 99}, {"failure": "no answer"}):
        assert states.next_step(order(status, sending_began_at=NOW, **values), NOW) == "ASK"


@pytest.mark.parametrize("status", sorted(set(get_args(OrderStatus)) - FINAL - {"NEEDS_ATTENTION"}))
def test_an_order_on_its_way_always_has_a_next_step(status):
    """So none is forgotten: without a person, it goes on."""
    for values in ({}, LATER, WANTED, LATER | WANTED, LATER | REFUSED, LATER | DOCUMENT):
        found = order(status, **values)
        assert states.next_step(found, NOW) is not None
        assert states.due_at(found, NOW, SETTINGS) is not None


def test_the_pharmacy_gets_time_before_it_is_asked_about_an_unknown_outcome():
    began_at = NOW - timedelta(seconds=10)
    assert states.due_at(order("SENDING", sending_began_at=began_at), NOW, SETTINGS) == NOW + timedelta(seconds=20)
    long_ago = NOW - timedelta(seconds=31)
    assert states.due_at(order("SENDING", sending_began_at=long_ago), NOW, SETTINGS) == NOW


@pytest.mark.parametrize(
    ("silence", "least", "most"),
    [
        (timedelta(minutes=1), timedelta(minutes=22), timedelta(minutes=38)),
        (timedelta(hours=4), timedelta(hours=3), timedelta(hours=5)),
        (timedelta(days=9), timedelta(hours=18), timedelta(hours=30)),
    ],
)
def test_the_longer_it_is_silent_the_longer_we_wait(silence, least, most):
    for _ in range(50):
        due_at = states.due_at(order("SHIPPED", shipped_at=NOW, created_at=NOW), NOW + silence, SETTINGS)
        assert due_at is not None
        assert least <= due_at - NOW - silence <= most


def test_waits_between_failures_double_up_to_an_hour_and_are_never_all_the_same():
    for failures, seconds in [(1, 5), (2, 10), (3, 20), (8, 640), (10, 2560), (11, 3600), (5_000, 3600)]:
        waits = {states.retry_wait(failures, SETTINGS).total_seconds() for _ in range(50)}
        assert 0.75 * seconds <= min(waits) < max(waits) <= 1.25 * seconds


def test_a_pharmacys_own_wish_is_honoured_within_a_day():
    assert states.retry_wait(1, SETTINGS, 120.0) == timedelta(seconds=120)
    assert states.retry_wait(1, SETTINGS, 0.0) >= timedelta(seconds=3.75)
    assert states.retry_wait(1, SETTINGS, 1e9) == timedelta(days=1)
