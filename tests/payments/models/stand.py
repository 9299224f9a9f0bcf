"""What the machines stand on: a clinic with its till, the gateway's news in their hands, and time that they move."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from carelane.kit import clock
from carelane.payments.moving.jobs import take_step
from carelane.payments.queries import PaymentRow
from carelane.payments.reconciling.actions import read_events
from carelane.services import Services
from tests.gateway_simulator.world import GatewayWorld
from tests.payments.news import apply, kept, tell
from tests.payments.world import Till, open_till

Wait = Callable[[Coroutine[Any, Any, Any]], Any]
MOST_STEPS = 60
# What is due so soon is waited for, by moving the clock.
SOON = timedelta(minutes=3)


def run_on() -> Wait:
    """Runs coroutines on the loop of the fixtures, for code that is not async."""
    return asyncio.get_running_loop().run_until_complete


class Stand:
    """One clinic. Everything here waits until it is done."""

    # The gateway's clock never goes back, so neither does ours.
    ahead = timedelta()

    def __init__(
        self, wait: Wait, services: Services, http: httpx.AsyncClient, bank: GatewayWorld, folder: Path
    ) -> None:
        self.wait = wait
        self.till: Till = wait(open_till(services, http, bank, folder))
        self.bank = bank
        self.heard = 0

    # ------------------------------------------------------------ time

    def now(self) -> datetime:
        return clock.now() + Stand.ahead

    def advance(self, by: timedelta) -> None:
        self.bank.advance(int(by.total_seconds()) + 1)
        Stand.ahead += timedelta(seconds=int(by.total_seconds()) + 1)

    def moved(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        with clock.moved(Stand.ahead):
            return self.wait(coroutine)

    async def dated(self) -> None:
        """The server's clock stands behind: what it has just decided was decided by ours."""
        async with self.till.services.db.transaction(self.till.actor) as conn:
            for moment in ("decided_at", "restarted_at"):
                await conn.execute(
                    f"UPDATE payments SET {moment} = {moment} + %s WHERE {moment} BETWEEN %s AND %s",
                    (Stand.ahead, clock.now() - timedelta(minutes=1), clock.now() + timedelta(minutes=1)),
                )

    # ------------------------------------------------------------ HTTP

    def get(self, path: str, headers: dict[str, str]) -> Any:
        answer = self.wait(self.till.http.get(path, headers=headers))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, headers: dict[str, str], body: Any = None) -> httpx.Response:
        return self.wait(self.till.http.post(path, json=body, headers=headers))

    def payment(self, payment_id: UUID) -> dict[str, Any]:
        return self.get(f"/api/staff/payments/{payment_id}", self.till.manager.headers)

    # ------------------------------------------------------------ the worker

    def row(self, payment_id: UUID) -> PaymentRow:
        return self.wait(self.till.now(payment_id))

    def step(self, payment_id: UUID) -> None:
        row = self.row(payment_id)
        if row.next_step_at is not None and row.next_step_at <= self.now():
            self.moved(self._step(row))

    async def _step(self, row: PaymentRow) -> None:
        await take_step(await self.till.take(row))

    def work(self, payment_id: UUID) -> None:
        """Until nothing is due soon."""
        for _ in range(MOST_STEPS):
            row = self.row(payment_id)
            if row.next_step_at is None or row.next_step_at > self.now() + SOON:
                return
            if row.next_step_at > self.now():
                self.advance(row.next_step_at - self.now())
            self.moved(self._step(row))
        raise AssertionError(f"it does not come to an end: {row}")

    # ------------------------------------------------------------ the gateway's news

    def events(self) -> list[dict[str, Any]]:
        return self.bank.objects("event", self.till.key)

    def tell(self, order: str) -> None:
        """What has not been told yet: "in order", "reversed", "twice", "late" (another time), or "never": then it is read."""
        if order == "late":
            return
        events = self.events()
        news, self.heard = events[self.heard :], len(events)
        if order == "never":
            self.read_all()
            return
        news = news[::-1] if order == "reversed" else news * 2 if order == "twice" else news
        for event in news:
            self.wait(tell(self.till, event))
        self.apply()

    def read_all(self) -> None:
        """As the reconciler does, once an hour."""
        self.moved(read_events(self.till.services, self.till.actor, self.till.account_id))
        self.apply()

    def apply(self) -> None:
        for event_id in self.wait(kept(self.till)):
            self.moved(apply(self.till, event_id))
        left = self.wait(self.till.ask("SELECT type, failure FROM gateway_events WHERE status = 'RECEIVED'"))
        assert left == [], left

    # ------------------------------------------------------------ the gateway's own list

    def truth(self, payment_id: UUID, reference: str | None) -> tuple[int, int, int]:
        """Captured, refunded, and in dispute or lost, of the payment's intents."""
        key, mine = self.till.key, set()
        for one in self.bank.objects("payment_intent", key):
            if one["metadata"].get("carelane_payment") == str(payment_id) or one["id"] == reference:
                mine.add(one["id"])
        charges = [one for one in self.bank.objects("charge", key) if one["payment_intent"] in mine and one["captured"]]
        disputes = [one for one in self.bank.objects("dispute", key) if one["payment_intent"] in mine]
        return (
            sum(one["amount_captured"] for one in charges),
            sum(one["amount_refunded"] for one in charges),
            sum(one["amount"] for one in disputes if one["status"] != "won"),
        )
