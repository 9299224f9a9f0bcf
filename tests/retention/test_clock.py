"""A clock that jumps deletes nothing; what the metrics say of deleting."""

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from carelane.kit.backlog import Backlog
from carelane.processes import retention
from tests.retention.world import NOW, TABLES, even

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
OLD = 31 * DAY


async def run(here, row):
    """Whether the job deleted the row."""
    await retention.delete_old_rows(here.services)
    return await here.left("webhook_deliveries", row) == [False]


async def test_the_first_run_only_looks_at_the_clock(here, owner):
    row = await here.delivery(OLD)
    assert not await run(here, row)
    assert not await run(here, row)
    await owner.execute("UPDATE timed_jobs SET even_since_at = even_since_at - interval '1 day'")
    assert await run(here, row)


@pytest.mark.parametrize(
    ("reached", "is_even"),
    [
        (timedelta(minutes=1), True),
        # The machine is off at night.
        (14 * HOUR, True),
        (DAY - HOUR, True),
        # It leapt, or the machine was off for longer: who knows?
        (DAY + HOUR, False),
        (400 * DAY, False),
        # It went back.
        (-HOUR, False),
        (-400 * DAY, False),
        (timedelta(seconds=-5), True),
    ],
)
async def test_nothing_is_deleted_until_the_clock_has_gone_evenly_for_a_day(here, owner, reached, is_even):
    row = await here.delivery(OLD)
    await even(owner, reached, 500 * DAY)
    assert await run(here, row) == is_even
    if not is_even:
        assert not await run(here, row)
        await owner.execute("UPDATE timed_jobs SET even_since_at = even_since_at - interval '1 day'")
        assert await run(here, row)


async def test_a_clock_that_was_ahead_for_some_hours_and_came_back_has_deleted_nothing(here, owner):
    """All moments are moved instead of the clock: a year ahead is as if everything had been a year earlier."""
    young = await here.delivery(5 * DAY)
    await even(owner)
    jump = "interval '365 days'"
    await owner.execute(
        f"UPDATE webhook_deliveries SET delivered_at = delivered_at - {jump}, created_at = created_at - {jump}"
    )
    await owner.execute(
        f"UPDATE timed_jobs SET reached_at = reached_at - {jump}, even_since_at = even_since_at - {jump}"
    )
    for _ in range(3):
        assert not await run(here, young)
    await owner.execute(
        f"UPDATE webhook_deliveries SET delivered_at = delivered_at + {jump}, created_at = created_at + {jump}"
    )
    await owner.execute(
        f"UPDATE timed_jobs SET reached_at = reached_at + {jump}, even_since_at = even_since_at + {jump}"
    )
    for _ in range(2):
        assert not await run(here, young)
    await owner.execute("UPDATE timed_jobs SET even_since_at = even_since_at - interval '1 day'")
    assert not await run(here, young)


async def test_the_sweep_for_orphaned_documents_waits_for_an_even_clock_too(here, owner):
    runs = []

    async def sweep(services):
        runs.append(services)

    job = retention.when_even(sweep)
    await job(here.services)
    await even(owner, 2 * DAY)
    await job(here.services)
    assert runs == []
    await even(owner)
    await job(here.services)
    assert runs == [here.services]


async def test_one_kind_that_fails_keeps_no_other_from_its_turn(here, owner):
    await even(owner)
    row = await here.delivery(OLD)
    call = await here.call(91 * DAY)
    await owner.execute("REVOKE EXECUTE ON FUNCTION delete_old_deliveries(interval, integer) FROM carelane_app")
    try:
        with pytest.raises(Exception, match="permission denied"):
            await retention.delete_old_rows(here.services)
    finally:
        await owner.execute("GRANT EXECUTE ON FUNCTION delete_old_deliveries(interval, integer) TO carelane_app")
    assert await here.left("webhook_deliveries", row) == [True]
    assert await here.left("order_attempts", call) == [False]


def deleted(kind):
    return REGISTRY.get_sample_value("carelane_rows_deleted_total", {"kind": kind}) or 0.0


async def test_rows_deleted_are_counted_by_kind(here):
    before = deleted("delivery"), deleted("callback")
    for _ in range(3):
        await here.delivery(OLD)
    await here.delete("delivery")
    assert (deleted("delivery") - before[0], deleted("callback") - before[1]) == (3, 0)


async def test_the_age_of_the_oldest_row_of_each_kind_is_told(here, there):
    for kind in TABLES:
        await there.one_of(kind)(9 * DAY)
        await here.one_of(kind)(10 * DAY)
    await here.delivery(NOW, "PENDING")
    text = (await Backlog(here.services.db).render()).decode()
    told = {
        sample.labels["kind"]: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "carelane_rows_oldest_seconds"
    }
    assert set(told) == {kind.name for kind in retention.kinds(here.services.settings)}
    assert {kind for kind, seconds in told.items() if not 0 <= seconds - 864_000 < 300} == set()


async def test_an_empty_table_is_as_old_as_nothing(here):
    text = (await Backlog(here.services.db).render()).decode()
    assert 'carelane_rows_oldest_seconds{kind="callback"} 0.0' in text
