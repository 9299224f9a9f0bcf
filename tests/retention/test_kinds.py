"""Each kind of row is kept until its time and deleted after it, and what somebody still needs is kept whatever its age."""

from datetime import timedelta

import msgspec
import pytest

from carelane.processes import retention
from carelane.settings import read_settings
from tests.retention.world import NOW, TABLES, even

DAY = timedelta(days=1)
OLD, YOUNG = 31 * DAY, 29 * DAY
KINDS = sorted(TABLES)


@pytest.mark.parametrize("kind", KINDS)
async def test_it_is_kept_until_its_time_and_deleted_after_it_in_every_clinic(here, there, kind):
    old = [await one.one_of(kind)(OLD) for one in (here, there)]
    young = [await one.one_of(kind)(YOUNG) for one in (here, there)]
    assert await here.delete(kind, keep_days=32) == 0
    assert await here.delete(kind, keep_days=30) == 2
    assert await here.left(TABLES[kind], *old, *young) == [False, False, True, True]
    assert await here.delete(kind, keep_days=30) == 0
    assert await here.delete(kind, keep_days=28) == 2


@pytest.mark.parametrize("kind", KINDS)
async def test_zero_days_keep_it_for_good(here, kind):
    row = await here.one_of(kind)(400 * DAY)
    assert await here.delete(kind, keep_days=0) == 0
    assert await here.left(TABLES[kind], row) == [True]
    assert await here.delete(kind, keep_days=399) == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_at_its_very_time_it_is_kept_still(here, owner, kind):
    """In one transaction, in which time stands."""
    function = {"given_up_delivery": "delete_given_up_deliveries", "delivery": "delete_old_deliveries"}.get(kind)
    function = function or ("delete_ended_carts" if kind == "cart" else f"delete_old_{kind}s")
    statement = f"SELECT coalesce({function}('30 days', 10), 0)"
    async with owner.transaction():
        await here.one_of(kind)(30 * DAY)
        assert await (await owner.execute(statement)).fetchone() == (0,)
        await here.one_of(kind)(30 * DAY + timedelta(minutes=1))
        assert await (await owner.execute(statement)).fetchone() == (1,)
    await here.delete(kind, 1)


async def test_nothing_younger_than_a_day_goes_whatever_is_asked_for(here, owner):
    row = await here.delivery(timedelta(hours=23))
    await owner.execute("SELECT delete_old_deliveries('0', 10)")
    assert await here.left("webhook_deliveries", row) == [True]


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("delivery", "keep_deliveries_days"),
        ("given_up_delivery", "keep_failed_deliveries_days"),
        ("webhook_attempt", "keep_attempts_days"),
        ("order_attempt", "keep_attempts_days"),
        ("callback", "keep_callbacks_days"),
        ("notification", "keep_notifications_days"),
        ("quote_message", "keep_notifications_days"),
        ("message", "keep_messages_days"),
        ("cart", "keep_ended_carts_days"),
    ],
)
async def test_a_kind_goes_by_its_own_setting(here, owner, services, kind, settings):
    await even(owner)
    row = await here.one_of(kind)(50 * DAY)
    for days, left in ((51, True), (0, True), (49, False)):
        none = dict.fromkeys([one for one in msgspec.structs.asdict(services.settings) if one.startswith("keep_")], 0)
        changed = msgspec.structs.replace(services.settings, **(none | {settings: days}))
        await retention.delete_old_rows(msgspec.structs.replace(services, settings=changed))
        assert await here.left(TABLES[kind], row) == [left], days


def test_unless_somebody_says_otherwise_they_are_these():
    kept = {kind.name: kind.keep_days for kind in retention.kinds(read_settings({}))}
    assert kept == {
        "delivery": 30, "given_up_delivery": 0, "webhook_attempt": 90, "order_attempt": 90, "callback": 90, "notification": 30,
        "quote_message": 30, "message_content": 30, "message": 400, "cart": 0, "answer": 30,
    }  # fmt: skip


@pytest.mark.parametrize("text", ["-1", "1.5", "forever", "36501", "30 days", "NaN"])
@pytest.mark.parametrize("name", [one for one in read_settings({}).__struct_fields__ if one.startswith("keep_")])
def test_what_is_no_number_of_days_is_named(name, text):
    with pytest.raises(
        ValueError, match=rf"^CARELANE_{name.upper()}: expected a whole number, at least 0, at most 36,500$"
    ):
        read_settings({f"CARELANE_{name.upper()}": text})


# ---- what is needed still


@pytest.mark.parametrize("status", ["PENDING", "FAILED", "CANCELED"])
async def test_a_delivery_that_did_not_arrive_is_kept(here, status):
    row = await here.delivery(OLD, status)
    assert await here.delete("delivery") == 0
    assert await here.left("webhook_deliveries", row) == [True]


async def test_those_given_up_go_by_a_setting_of_their_own_and_what_waits_never(here):
    rows = [await here.delivery(OLD, status) for status in ("FAILED", "CANCELED", "PENDING", "DELIVERED")]
    assert await here.delete("given_up_delivery") == 2
    assert await here.left("webhook_deliveries", *rows) == [False, False, True, True]
    await here.delete("delivery")


async def test_attempts_go_with_their_delivery(here, owner):
    row = await here.delivery(OLD)
    last = await here.attempt(OLD, row)
    assert await here.delete("delivery") == 1
    assert await here.left("webhook_attempts", last) == [False]
    assert (
        await (await owner.execute("SELECT 1 FROM webhook_attempts WHERE delivery_id = %s", (row,))).fetchone() is None
    )


@pytest.mark.parametrize(
    ("first", "repeat", "is_kept"),
    [
        (("DELIVERED", OLD), ("DELIVERED", OLD), False),
        (("DELIVERED", OLD), ("DELIVERED", YOUNG), True),
        (("DELIVERED", OLD), ("PENDING", OLD), True),
        (("DELIVERED", OLD), ("FAILED", OLD), False),
        (("DELIVERED", OLD), ("FAILED", YOUNG), True),
        (("FAILED", OLD), ("DELIVERED", OLD), False),
        (("FAILED", OLD), ("DELIVERED", YOUNG), True),
        (("FAILED", OLD), ("PENDING", OLD), True),
        (("FAILED", OLD), ("FAILED", OLD), True),
    ],
)
async def test_a_delivery_and_its_repeats_stay_and_go_together(here, first, repeat, is_kept):
    """The event has arrived when any of them has."""
    event_id = await here.event()
    one = await here.delivery(first[1], first[0], event_id=event_id)
    other = await here.delivery(repeat[1], repeat[0], event_id=event_id, replay_of_id=one)
    assert await here.delete("delivery") == (0 if is_kept else 2)
    assert await here.left("webhook_deliveries", one, other) == [is_kept, is_kept]


async def test_one_given_up_is_kept_while_a_repeat_of_it_is_under_way_or_has_arrived(here):
    for status in ("PENDING", "DELIVERED"):
        one = await here.delivery(OLD, "FAILED")
        event = await (
            await here.conn.execute("SELECT event_id FROM webhook_deliveries WHERE id = %s", (one,))
        ).fetchone()
        other = await here.delivery(OLD, status, event_id=event[0], replay_of_id=one)
        await here.delete("given_up_delivery")
        assert await here.left("webhook_deliveries", one, other) == [True, True]
    await here.delete("delivery")


async def test_the_last_attempt_at_a_delivery_is_kept_as_long_as_it(here):
    row = await here.delivery(40 * DAY, "FAILED")
    middle, last = await here.attempt(35 * DAY, row), await here.attempt(OLD, row)
    assert await here.delete("webhook_attempt") == 2
    assert await here.left("webhook_attempts", middle, last) == [False, True]


async def test_attempts_at_what_waits_are_kept(here):
    row = await here.delivery(40 * DAY, "PENDING")
    await here.attempt(OLD, row)
    assert await here.delete("webhook_attempt") == 0


OPEN = ["RECEIVED", "SENDING", "SENT", "ACCEPTED", "SHIPPED", "NEEDS_ATTENTION"]


@pytest.mark.parametrize(
    ("order", "is_kept"),
    [
        *[({"status": status}, True) for status in OPEN],
        ({"status": "DELIVERED"}, False),
        ({"status": "CANCELED"}, False),
        # Somebody is to look at these.
        ({"status": "REJECTED"}, True),
        ({"status": "CANCELED", "failure": "the pharmacy says that it is SHIPPED"}, True),
        # Somebody did.
        ({"status": "REJECTED", "resolved_at": "2020-01-01"}, False),
        ({"status": "CANCELED", "failure": "x", "resolved_at": "2020-01-01"}, False),
    ],
)
async def test_calls_and_callbacks_of_an_order_stay_until_it_is_over(here, order, is_kept):
    order_id = await here.order(**order)
    call, callback = await here.call(OLD, order_id), await here.callback(OLD, order_id=order_id)
    assert await here.delete("order_attempt") == (0 if is_kept else 1)
    assert await here.delete("callback") == (0 if is_kept else 1)
    assert await here.left("order_attempts", call) == [is_kept]
    assert await here.left("pharmacy_callbacks", callback) == [is_kept]


@pytest.mark.parametrize(
    ("status", "is_kept"),
    [
        ("STORED", True),
        ("WAITING", True),
        ("UNREADABLE", True),
        ("APPLIED", False),
        ("LATE", False),
        ("DISMISSED", False),
    ],
)
async def test_a_callback_that_was_not_judged_or_waits_is_kept(here, status, is_kept):
    row = await here.callback(OLD, status)
    assert await here.delete("callback") == (0 if is_kept else 1)
    assert await here.left("pharmacy_callbacks", row) == [is_kept]


async def test_many_that_must_stay_are_in_nobodys_way(here, monkeypatch):
    """They are older than what may go, and more than a batch."""
    monkeypatch.setattr(retention, "MOST_ROWS", 3)
    order_id = await here.order("SENT")
    for _ in range(5):
        await here.callback(40 * DAY, order_id=order_id)
        await here.call(40 * DAY, order_id)
        one = await here.delivery(40 * DAY)
        event = await (
            await here.conn.execute("SELECT event_id FROM webhook_deliveries WHERE id = %s", (one,))
        ).fetchone()
        await here.delivery(NOW, "PENDING", event_id=event[0], replay_of_id=one)
    over = await here.order()
    for kind, make in (("callback", here.callback), ("order_attempt", here.call)):
        for _ in range(4):
            await make(OLD, order_id=over)
        assert await here.delete(kind) == 4
    for _ in range(4):
        await here.delivery(OLD)
    assert await here.delete("delivery") == 4


@pytest.mark.parametrize(
    ("kind", "waiting"), [("notification", "PENDING"), ("notification", "SENDING"), ("quote_message", "PENDING")]
)
async def test_what_waits_in_an_outbox_of_before_is_kept(here, kind, waiting):
    row = await getattr(here, kind)(OLD, waiting)
    assert await here.delete(kind) == 0
    assert await here.left(TABLES[kind], row) == [True]


@pytest.mark.parametrize("status", ["QUEUED", "SENDING"])
async def test_a_message_that_waits_is_kept_with_what_it_says(here, owner, status):
    row = await here.message(500 * DAY, status)
    assert await here.delete("message") + await here.delete("message_content") == 0
    kept = await owner.execute("SELECT content_sealed FROM messages WHERE id = %s", (row,))
    assert await kept.fetchone() == (b"x",)


@pytest.mark.parametrize("status", ["ABANDONED", "REJECTED", "EXPIRED"])
async def test_carts_that_came_to_nothing_go_with_their_lines(here, owner, status):
    row = await here.cart(OLD, status)
    assert await here.delete("cart") == 1
    assert await here.left("carts", row) == [False]
    assert await (await owner.execute("SELECT 1 FROM cart_lines WHERE cart_id = %s", (row,))).fetchone() is None


async def test_carts_that_live_were_offered_or_sold_are_kept(here, owner):
    offered, draft, accepted = await here.cart(OLD), await here.cart(OLD, "DRAFT"), await here.cart(OLD, "ACCEPTED")
    await here.quote(offered)
    archived = await here.cart(OLD, "DRAFT", archived_at="2020-01-01")
    assert await here.delete("cart") == 1
    assert await here.left("carts", offered, draft, accepted, archived) == [True, True, True, False]


async def test_events_reads_orders_charges_and_payments_stay(here, owner):
    """However old they are, and though everything else goes."""
    tables = ("events", "phi_reads", "orders", "charges", "payments", "ledger_postings", "cases", "quotes")
    count = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    order_id = await here.order("DELIVERED")
    await owner.execute("UPDATE orders SET created_at = now() - interval '9 years' WHERE id = %s", (order_id,))
    await here.delivery(9 * 365 * DAY)
    before = await (await owner.execute(count)).fetchone()
    for kind in retention.kinds(here.services.settings):
        await retention.delete_kind(here.services, msgspec.structs.replace(kind, keep_days=1))
    assert await (await owner.execute(count)).fetchone() == before
