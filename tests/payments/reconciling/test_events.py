"""What no webhook told is read from the gateway's list, once an hour, from the cursor on."""

import pytest

from carelane.kit import clock
from carelane.kit.claims import Lease, now_seconds
from carelane.payments.gateways.errors import GatewayError
from carelane.payments.inbox import jobs as inbox
from carelane.payments.inbox.queries import DueEvent
from carelane.payments.reconciling import actions, jobs
from carelane.payments.reconciling.actions import read_events
from carelane.processes.schedule import TIMED_JOBS
from tests.factories.rows import update_row

CURSOR = "SELECT events_cursor, events_read_at FROM gateway_accounts WHERE id = %s"
COUNT = "SELECT count(*) FROM gateway_events WHERE gateway_account_id = %s"


async def apply_all(till):
    """What the worker does with the events that are due."""
    for _ in range(50):
        async with till.services.db.transaction(till.actor) as conn:
            row = await (
                await conn.execute(
                    "UPDATE gateway_events SET claim_id = gen_random_uuid(), due_at = now() + interval '1 minute' WHERE id = ("
                    "SELECT id FROM gateway_events WHERE due_at <= now() LIMIT 1) RETURNING id, claim_id"
                )
            ).fetchone()
        if row is None:
            return
        await inbox.Inbox(till.services).work(Lease(DueEvent(till.organization_id, row[0]), row[1], now_seconds() + 60))
    raise AssertionError("events do not come to an end")


async def test_a_webhook_that_never_came_is_found(till):
    intent_id = till.intent()
    payment = await till.case(intent_id)
    count = await read_events(till.services, till.actor, till.account_id)
    assert count >= 2
    assert set(await till.ask("SELECT DISTINCT came_by FROM gateway_events")) == {("POLL",)}
    await apply_all(till)
    assert (await till.now(payment)).captured_cents == 15_900
    assert await till.told(payment) != []
    # And nothing is kept or told twice.
    assert await read_events(till.services, till.actor, till.account_id) == 0
    await apply_all(till)


async def test_what_was_told_before_the_case_exists_is_applied_when_it_does(till):
    hold = till.held()
    await read_events(till.services, till.actor, till.account_id)
    await apply_all(till)
    waiting = "SELECT count(*) FROM gateway_events WHERE status = 'UNMATCHED' AND (due_at <= now()) = %s"
    ((before,),) = await till.ask(waiting, False)
    assert before >= 1
    payment = await till.case(hold)
    assert await till.ask(waiting, False) == [(0,)]
    assert await till.ask(waiting, True) == [(before,)]
    await apply_all(till)
    assert await till.ask("SELECT count(*) FROM gateway_events WHERE status = 'UNMATCHED'") == [(0,)]
    assert [intent.status for intent in (await till.standing(payment)).intents] == ["requires_capture"]


async def test_the_cursor_stays_behind_what_is_new_and_moves_on_after_that(quiet, monkeypatch):
    quiet.intent()
    await read_events(quiet.services, quiet.actor, quiet.account_id)
    ((cursor, read_at),) = await quiet.ask(CURSOR, quiet.account_id)
    assert cursor is None
    assert read_at is not None
    monkeypatch.setattr(actions, "SETTLED_AFTER", actions.SETTLED_AFTER * 0 - actions.OVERLAP)
    await read_events(quiet.services, quiet.actor, quiet.account_id)
    ((cursor, _),) = await quiet.ask(CURSOR, quiet.account_id)
    assert cursor == quiet.bank.objects("event", quiet.key)[-1]["id"]
    quiet.intent()
    assert await read_events(quiet.services, quiet.actor, quiet.account_id) >= 2
    ((cursor, _),) = await quiet.ask(CURSOR, quiet.account_id)
    assert cursor == quiet.bank.objects("event", quiet.key)[-1]["id"]


async def test_a_cursor_that_the_gateway_has_forgotten_loses_nothing(quiet):
    quiet.intent()
    await update_row(
        quiet.services, quiet.organization_id, "gateway_accounts", quiet.account_id,
        events_cursor="evt_long_gone", events_read_at=clock.now(),
    )  # fmt: skip
    assert await read_events(quiet.services, quiet.actor, quiet.account_id) >= 2


async def test_while_the_gateway_is_away_the_cursor_stays(quiet):
    quiet.intent()
    quiet.fail("events.list", "server_error", None)
    with pytest.raises(GatewayError):
        await read_events(quiet.services, quiet.actor, quiet.account_id)
    assert await quiet.ask(CURSOR, quiet.account_id) == [(None, None)]
    assert await quiet.ask(COUNT, quiet.account_id) == [(0,)]
    quiet.bank.control("faults", method="DELETE")
    assert await read_events(quiet.services, quiet.actor, quiet.account_id) >= 2


async def test_one_account_that_fails_keeps_no_other_from_its_turn(quiet, till):
    quiet.intent()
    till.intent()
    quiet.fail("events.list", "server_error", None)
    with pytest.raises(GatewayError):
        await jobs.read_events(quiet.services)
    assert (await till.ask(COUNT, till.account_id))[0][0] >= 2
    quiet.bank.control("faults", method="DELETE")
    await update_row(quiet.services, quiet.organization_id, "gateway_accounts", quiet.account_id, is_active=False)
    quiet.fail("events.list", "server_error", None)
    # One that is switched off may have a key that is good no longer: nobody is alarmed.
    await jobs.read_events(quiet.services)
    quiet.bank.control("faults", method="DELETE")


@pytest.mark.parametrize(
    ("run", "every_seconds"), [(jobs.wake_open, 300), (jobs.read_events, 3_600), (jobs.compare_balances, 86_400)]
)
def test_how_often(run, every_seconds):
    assert [job.every_seconds for job in TIMED_JOBS.values() if job.run is run] == [every_seconds]


async def test_payments_that_nobody_looks_at_are_looked_at(till):
    payment = await till.approved(till.saved_card())
    await update_row(
        till.services, till.organization_id, "payments", payment.id,
        next_step_at=None, claim_id=None, updated_at=clock.now() - actions.OVERLAP,
    )  # fmt: skip
    assert await actions.wake_open(till.services, till.actor) == 1
    assert (await till.run(payment)).status == "PAID"
    assert await actions.wake_open(till.services, till.actor) == 0
