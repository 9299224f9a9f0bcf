"""kill -9 in the middle of many conversions: one charge for each cart that was answered, and none in part."""

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.processes.waiting import until
from tests.safety.test_crash import ask, kill_everything, kill_processes
from tests.server import RunningServer, demo_data, prepared, running_server

CARTS = 60
ASKERS_EACH = 3
KILL_AFTER = 25

_CHARGES = """
SELECT g.id::text, g.cart_id::text, g.total_cents, c.status, c.total_cents, c.charge_id = g.id,
  (SELECT count(*) FROM charge_lines l WHERE l.charge_id = g.id),
  (SELECT sum(l.total_cents + l.tax_cents) FROM charge_lines l WHERE l.charge_id = g.id),
  (SELECT count(*) FROM events e WHERE e.type = 'CHARGE_CREATED' AND e.target_id = g.id),
  (SELECT count(*) FROM events e WHERE e.type = 'CART_STATUS_CHANGED' AND e.target_id = c.id)
FROM charges g JOIN carts c ON c.id = g.cart_id
"""
_WITHOUT = "SELECT count(*) FROM carts WHERE status = 'CONVERTED' AND charge_id IS NULL"


class Till:
    """A clinic's storefront that converts its carts, each several times at once; having seen enough answers, it kills."""

    def __init__(self, running: RunningServer, demo: dict, kill) -> None:
        self.running, self.kill = running, kill
        self.demo = demo
        self.answered: dict[str, str] = {}
        self.has_killed = False

    def client(self, url: str) -> httpx.AsyncClient:
        headers = {"API-KEY": self.demo["apiKey"], "TENANT": self.demo["tenant"]}
        return httpx.AsyncClient(base_url=url, headers=headers, timeout=30)

    async def fill(self) -> list[str]:
        body = {
            "patientId": self.demo["patientId"],
            "items": [{"itemId": self.demo["itemId"]}, {"packageId": self.demo["packageId"]}],
        }
        async with self.client(self.running.url) as client:
            return [(await client.post("/billing/cart", json=body)).json()["id"] for _ in range(CARTS)]

    async def convert(self, client: httpx.AsyncClient, cart_id: str) -> None:
        try:
            answer = await client.post(f"/billing/cart/{cart_id}/convert-to-charge", json={"cartId": cart_id})
        except httpx.TransportError:
            return
        if answer.status_code != 200:
            return
        assert self.answered.setdefault(cart_id, answer.json()["id"]) == answer.json()["id"]
        if len(self.answered) >= KILL_AFTER and not self.has_killed:
            self.has_killed = True
            # In this very step, so that the others' requests are in hand.
            self.kill(self.running)

    async def rage(self, url: str, cart_ids: list[str]) -> None:
        async with self.client(url) as client:
            await asyncio.gather(*(self.convert(client, cart_id) for cart_id in cart_ids for _ in range(ASKERS_EACH)))


@pytest.mark.parametrize("kill", [kill_processes, kill_everything])
async def test_a_charge_that_was_answered_is_there_once_and_whole(tmp_path: Path, kill):
    data_dir = prepared(tmp_path / "data")
    with running_server(data_dir) as first:
        till = Till(first, demo_data(data_dir), kill)
        cart_ids = await till.fill()
        await till.rage(first.url, cart_ids)
    assert till.has_killed
    assert len(till.answered) < CARTS, "the server was not killed in the middle"

    with running_server(data_dir) as second:
        before = {row[1]: row[0] for row in until(lambda: ask(data_dir, _CHARGES), 30)}
        assert before.items() >= till.answered.items()
        await till.rage(second.url, cart_ids)
        charges = ask(data_dir, _CHARGES)
        assert ask(data_dir, _WITHOUT) == [(0,)]
    assert {row[1]: row[0] for row in charges} == till.answered
    assert sorted(till.answered) == sorted(cart_ids)
    for _, _, total, status, cart_total, is_its_own, lines, line_total, told, moved in charges:
        assert (status, is_its_own, lines, told, moved) == ("CONVERTED", True, 2, 1, 1)
        assert total == cart_total == line_total
