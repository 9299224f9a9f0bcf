"""The worker is killed with -9 at each named point between attempt row, call, answer, settle, posting and event, and started again:
afterwards the gateway's list, the payments and the ledger agree, money moved once, and each event was told once.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from carelane.kit import clock
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.payments.accounts.queries import Policy, get_terms, save_terms
from carelane.payments.plans.at_desk.actions import _agree
from carelane.payments.queries import PaymentRow
from carelane.payments.terminal.charging.actions import _begin
from carelane.services import open_services
from carelane.settings import read_settings
from tests.factories.rows import update_row
from tests.payments.desk_world import FrontDesk, paid_on_page
from tests.payments.plan_world import PlanDesk
from tests.payments.world import Till, open_till
from tests.server import prepared, running_server
from tests.undying import undying_worker

PATIENCE_SECONDS = 60
# Everything is as in production, but for the waits.
HURRIED = {
    "claim_lease_seconds": "1",
    "payment_retry_seconds": "0.3",
    "gateway_timeout_seconds": "3",
    "allowed_networks": "127.0.0.0/8",
}
OF_A_CALL = ("begun", "answered")
OF_SETTLING = ("payment.locked", "payment.posted", "payment.recorded", "payment.settled")
MOVES = ("hold", "charge", "capture", "release", "refund")
MATRIX = [
    (move, point)
    for move in MOVES
    for point in ("payment.claimed", *(f"{move}.{point}" for point in OF_A_CALL), *OF_SETTLING)
]
ENDS = {"hold": "PAID", "charge": "PAID", "capture": "PAID", "release": "CANCELED", "refund": "REFUND"}

module = pytest_asyncio.fixture(scope="module", loop_scope="session")


class Failpoint:
    """The file that names the point, while somebody is to die there."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def at(self, point: str) -> None:
        self.file.write_text(point)

    @property
    def armed(self) -> bool:
        return self.file.exists()


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> Failpoint:
    return Failpoint(tmp_path_factory.mktemp("failpoint") / "armed")


@module
async def busy(bank, armed: Failpoint, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Till]:
    """A clinic whose worker runs, and whose gateway tells what happens."""
    folder = tmp_path_factory.mktemp("crashing")
    settings = HURRIED | {"gateway_simulator_url": bank.url}
    with (
        running_server(prepared(folder / "data"), "--no-worker", **settings) as running,
        undying_worker(running, armed.file),
    ):
        url = EmbeddedPostgres(running.data_dir).application_url
        own = read_settings({}, data_dir=running.data_dir, database_url=url, gateway_simulator_url=bank.url)
        async with open_services(own) as services, httpx.AsyncClient(base_url=running.url, timeout=30) as http:
            till = await open_till(services, http, bank, folder)
            bank.register(
                f"{running.url}/gateways/stripe/{till.clinic.organization_id}", till.webhook_secret, key=till.key
            )
            yield till
            bank.unregister()


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await is_so():
        assert time.monotonic() < deadline, "it did not come to be"
        await asyncio.sleep(0.1)


async def until_ended(till: Till, payment: PaymentRow, status: str) -> PaymentRow:
    async def has_ended() -> bool:
        now = await till.now(payment)
        assert now.stage != "NEEDS_STAFF", now.failure
        return (now.stage, now.status) == ("DONE", status)

    await until(has_ended)
    return await till.now(payment)


async def until_quiet(till: Till) -> None:
    """What was told before is applied."""

    async def is_quiet() -> bool:
        return not await till.ask("SELECT FROM gateway_events WHERE status = 'RECEIVED'")

    await until(is_quiet)


async def begin(till: Till, move: str, armed: Failpoint, point: str):
    """The worker is about to do it, and will die at the point."""
    if move == "hold":
        return await begin_hold(till, armed, point)
    if move == "charge":
        payment = await till.case(till.saved_card())
    elif move == "refund":
        payment = await until_ended(till, await till.approved(till.saved_card()), "PAID")
    else:
        payment = await till.case(till.held())
    await until_quiet(till)
    if move == "refund":
        armed.at(point)
        await till.refund(payment, 15_900)
    else:
        await till.desk(payment).done(till.clinician, "start")
        outcome = "REJECTED" if move == "release" else "APPROVED"
        body = till.approval(outcome)
        armed.at(point)
        await till.desk(payment).done(till.clinician, "decide", body)
    return payment


async def begin_hold(till: Till, armed: Failpoint, point: str) -> PaymentRow:
    """Under that policy the card that comes with the case is at once the worker's; the approval captures what came of it."""
    await set_policy(till, "hold")
    try:
        armed.at(point)
        payment = await till.case(till.saved_card())
    finally:
        await set_policy(till, "charge_on_approval")

    async def is_held() -> bool:
        return [one.status for one in (await till.standing(payment)).attempts] == ["SUCCEEDED"] and not armed.armed

    await until(is_held)
    assert [one["status"] for one in till.intents(payment)] == ["requires_capture"]
    return await till.decide(payment)


async def set_policy(till: Till, policy: Policy) -> None:
    async with till.services.db.transaction(till.actor) as conn:
        terms = await get_terms(conn, till.organization_id)
        await save_terms(conn, till.organization_id, policy, terms.order_requires_payment, terms.fees)


@pytest.mark.parametrize(("move", "point"), MATRIX)
async def test_killed_there_money_moves_once_and_everything_agrees(busy: Till, armed: Failpoint, move: str, point: str):
    payment = await begin(busy, move, armed, point)
    payment = await until_ended(busy, payment, ENDS[move])
    assert not armed.armed, "nobody came by"
    await until_quiet(busy)
    told = [one for one in await busy.told(payment) if one != "PAYMENT_UPDATED"]
    assert (
        sorted(told)
        == {
            "hold": ["PAYMENT_COMPLETED"],
            "charge": ["PAYMENT_COMPLETED"],
            "capture": ["PAYMENT_COMPLETED"],
            "release": [],
            "refund": ["PAYMENT_COMPLETED", "REFUND_COMPLETED", "REFUND_CREATED", "REFUND_GRANTED", "REFUND_SENT"],
        }[move]
    )
    made = await busy.ask("SELECT gateway_id FROM payment_intents WHERE payment_id = %s", payment.id)
    assert len(made) == 1
    assert len([one for one in busy.refunds() if one["payment_intent"] == made[0][0]]) == (move == "refund")
    await busy.require_agreement()


@pytest.mark.parametrize("point", ["charge.answered", "payment.recorded", "payment.settled"])
async def test_killed_there_a_card_that_said_no_said_it_once(busy: Till, armed: Failpoint, point: str):
    payment = await busy.case(busy.saved_card("pm_card_chargeCustomerFail"))
    await until_quiet(busy)
    armed.at(point)
    payment = await busy.decide(payment)

    async def is_declined() -> bool:
        return (await busy.now(payment)).decline_code is not None and not armed.armed

    await until(is_declined)
    await until_quiet(busy)
    payment = await busy.now(payment)
    assert (payment.stage, payment.failure, payment.tries) == ("DUE", "DECLINED", 1)
    assert await busy.ask("SELECT status FROM payment_attempts WHERE payment_id = %s", payment.id) == [("FAILED",)]
    assert (await busy.told(payment)).count("PAYMENT_FAILED") == 1
    await busy.require_agreement()


@pytest.mark.parametrize(
    "point", ["payment.posted", "payment.recorded", "payment.settled", "refund.begun", "refund.answered"]
)
async def test_killed_there_what_was_not_owed_goes_back_once(busy: Till, armed: Failpoint, point: str):
    """A card for two charges, of one of which a part was paid on its page before the card was charged."""
    desk, before = FrontDesk(busy), len(busy.refunds())
    first, second, card = await desk.charge(), await desk.charge(), await desk.card()
    config = await desk.config(first, second)
    begun = await _begin(busy.services, busy.actor, card, config, _agree)
    await paid_on_page(busy, second, 4_000)
    await until_quiet(busy)
    armed.at(point)
    # Whoever had it is gone.
    await update_row(busy.services, busy.organization_id, "payments", begun.payment_id, next_step_at=clock.now())

    async def went_back() -> bool:
        return (await busy.now(begun.payment_id)).refunded_cents == 4_000 and not armed.armed

    await until(went_back)
    payment = await until_ended(busy, await busy.now(begun.payment_id), "PAID")
    await until_quiet(busy)
    assert [one["amount"] for one in busy.refunds()][before:] == [4_000]
    assert [await desk.owed(one) for one in (first, second)] == [("PAID", 0)] * 2
    told = "SELECT e.type FROM events e JOIN refunds r ON r.id = e.target_id WHERE r.payment_id = %s ORDER BY e.type"
    assert await busy.ask(told, payment.id) == [("REFUND_COMPLETED",), ("REFUND_CREATED",)]
    await busy.require_agreement()


@pytest.mark.parametrize(
    "point", ["plan.claimed", "plan.written", "charge.begun", "charge.answered", "payment.recorded"]
)
async def test_killed_there_an_instalment_is_taken_once(busy: Till, armed: Failpoint, point: str):
    """By a worker that is alone with it: nobody takes the steps here."""
    desk = PlanDesk(busy)
    charge = await desk.charge(10_000)
    plan = await desk.plan(await desk.card(), charge, installments=2, installmentAmount=5_000)
    await until_quiet(busy)
    for number in (1, 2):
        armed.at(point)
        await desk.come_due(plan)

        async def is_taken(number: int = number) -> bool:
            return (await desk.owed(charge))[1] == 10_000 - number * 5_000 and not armed.armed

        await until(is_taken)
    await until_quiet(busy)

    async def is_over() -> bool:
        return await desk.stands(plan) == "ENDED"

    await until(is_over)
    assert await desk.owed(charge) == ("PAID", 0)
    paid = await busy.ask(
        "SELECT p.id FROM planned_payments e JOIN payments p ON p.id = e.payment_id WHERE plan_id = %s", plan
    )
    taken = [one["amount_received"] for (payment_id,) in paid for one in busy.intents(await busy.now(payment_id))]
    assert taken == [5_000, 5_000]
    await busy.require_agreement()
