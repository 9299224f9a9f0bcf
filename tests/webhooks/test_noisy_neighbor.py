"""One organization's slow receivers are nobody else's business."""

import asyncio
import time
from statistics import quantiles
from uuid import UUID

import httpx
import pytest

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import open_services
from carelane.settings import read_settings
from tests.factories.cases import case_body
from tests.own_clinic import make_clinic
from tests.receiver import Behaviour, running_receiver
from tests.server import running_server
from tests.webhooks.cast import admin_headers

SLOW_ENDPOINTS = 30
SLOW_SECONDS = 14.0
NOISY_CASES = 8
CASES = 40
# Far enough apart that none waits for another.
PAUSE_SECONDS = 0.1


class Clinic:
    """A clinic with endpoints for new cases, each at a path of its own."""

    def __init__(self, client, receiver, clinic, admin):
        self.client, self.receiver, self.clinic, self.admin = client, receiver, clinic, admin

    async def listen(self, path):
        body = {"name": path, "url": self.receiver.url + path, "events": ["CREATE_CASE"], "payload": "EVENT_ONLY"}
        answer = await self.client.post("/api/staff/webhook-endpoints", json=body, headers=self.admin)
        assert answer.status_code == 201, answer.text

    async def create(self):
        body = case_body(self.clinic.product_id)
        answer = await self.client.post("/api/v1/cases", json=body, headers=self.clinic.key)
        assert answer.status_code == 200, answer.text

    async def delay_seconds(self, path):
        """From the answer to a new case until the receiver is told of it."""
        before = len(self.receiver.at(path))
        await self.create()
        began = time.monotonic()
        await self.receiver.until(lambda receiver: len(receiver.at(path)) > before, 120)
        return time.monotonic() - began

    async def p95_seconds(self, path):
        delays = []
        for _ in range(CASES):
            delays.append(await self.delay_seconds(path))
            await asyncio.sleep(PAUSE_SECONDS)
        return quantiles(delays, n=20)[-1]


@pytest.fixture
async def clinics(tmp_path):
    """Two of them, on a server of their own."""
    data_dir = tmp_path / "data"
    with running_server(data_dir, "--workers", "1", allowed_networks="127.0.0.0/8") as running:
        url = EmbeddedPostgres(data_dir).application_url
        async with (
            open_services(read_settings({}, data_dir=data_dir, database_url=url)) as services,
            running_receiver() as receiver,
            httpx.AsyncClient(base_url=running.url, timeout=30) as client,
        ):
            made = [await make_clinic(services, tmp_path) for _ in range(2)]
            yield [
                Clinic(client, receiver, clinic, await admin_headers(services, UUID(clinic.organization_id)))
                for clinic in made
            ]


async def test_thirty_receivers_that_answer_late_do_not_delay_another_clinics_webhooks(clinics):
    noisy, quiet = clinics
    await quiet.listen("/quiet")
    alone = await quiet.p95_seconds("/quiet")
    paths = [f"/slow/{number}" for number in range(SLOW_ENDPOINTS)]
    for path in paths:
        noisy.receiver.behave(path, Behaviour(delay_seconds=SLOW_SECONDS, times=1_000))
        await noisy.listen(path)
    for _ in range(NOISY_CASES):
        await noisy.create()
    await noisy.receiver.until(lambda receiver: sum(len(receiver.at(path)) for path in paths) >= SLOW_ENDPOINTS)
    beside = await quiet.p95_seconds("/quiet")
    told = sum(len(noisy.receiver.at(path)) for path in paths)
    assert told < SLOW_ENDPOINTS * NOISY_CASES, "the noise was over before the end"
    assert beside < 3 * alone, f"{alone:.2f} s alone, {beside:.2f} s beside {told} slow deliveries"
