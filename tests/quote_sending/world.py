"""A clinic's server with a mail server and a provider of text messages beside it, both real and on this machine."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web
from httpx import Response

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.messages.simulator import Simulator, make_app
from carelane.services import Services, open_services
from carelane.settings import read_settings
from tests.cast import Clinic
from tests.contract import CheckedClient, Contract
from tests.factories.rows import insert_row
from tests.own_clinic import make_clinic
from tests.processes.smtp_sink import SmtpSink
from tests.server import prepared, running_server

PUBLIC_URL = "https://quotes.clinic.example"
TOKEN = "a token of the provider"
MESSAGES = "SELECT channel, status, attempts, failure, due_at, settled_at FROM messages WHERE organization_id = %s AND record_id = %s ORDER BY id"


class World:
    """What the tests of sending share."""

    def __init__(self, services: Services, client: CheckedClient, sink: SmtpSink, provider: Simulator) -> None:
        self.services = services
        self.client = client
        self.sink = sink
        self.provider = provider

    async def send(self, clinic: Clinic, quote_id: UUID, method: str = "email", **body: Any) -> Response:
        wanted = {"quoteId": str(quote_id), "method": method, **body}
        return await self.client.post("/billing/quote/send", json=wanted, headers=clinic.billing)

    async def rows(self, clinic: Clinic, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.services.db.reading(UUID(clinic.organization_id)) as conn:
            return await (await conn.execute(statement, (clinic.organization_id, *values))).fetchall()

    async def messages(self, clinic: Clinic, quote_id: UUID) -> list[tuple[Any, ...]]:
        return await self.rows(clinic, MESSAGES, quote_id)

    async def settled(self, clinic: Clinic, quote_id: UUID) -> list[tuple[Any, ...]]:
        """The quote's messages, when none of them waits any more."""
        return await until(lambda: self._settled(clinic, quote_id))

    async def _settled(self, clinic: Clinic, quote_id: UUID) -> list[tuple[Any, ...]]:
        found = await self.messages(clinic, quote_id)
        return [] if any(status in ("QUEUED", "SENDING") for _, status, *_ in found) else found

    def mails_to(self, address: str) -> list[str]:
        """Their texts."""
        return [str(mail.get_payload(decode=True), "utf-8") for to, mail in self.sink.messages if to == address]


async def until(look: Callable[[], Any], seconds: float = 20.0) -> Any:
    """The first true thing that `look` gives."""
    deadline = time.monotonic() + seconds
    while True:
        if found := await look():
            return found
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        await asyncio.sleep(0.05)


@asynccontextmanager
async def running_provider() -> AsyncIterator[tuple[Simulator, str]]:
    simulator = Simulator("clinic", TOKEN)
    runner = web.AppRunner(make_app(simulator), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield simulator, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def running_world(data_dir: Path, contract: Contract, **settings: str) -> AsyncIterator[World]:
    with SmtpSink() as sink:
        async with running_provider() as (provider, provider_url):
            usual = {"smtp_host": "127.0.0.1", "smtp_port": str(sink.port), "smtp_starttls": "false"}
            usual |= {
                "sms_simulator_url": provider_url,
                "sms_account": "clinic",
                "sms_token": TOKEN,
                "public_url": PUBLIC_URL,
            }
            usual |= {"message_retry_seconds": "0.02"}
            with running_server(prepared(data_dir), "--workers", "1", **(usual | settings)) as running:
                url = EmbeddedPostgres(data_dir).application_url
                async with (
                    open_services(read_settings({}, data_dir=data_dir, database_url=url)) as services,
                    CheckedClient(contract, base_url=running.url, timeout=30) as client,
                ):
                    yield World(services, client, sink, provider)


async def clinic_of(services: Services, folder: Path, **patient: Any) -> tuple[Clinic, str]:
    """A clinic with a patient as told, and the patient's address."""
    clinic = await make_clinic(services, folder, name="Harbor Health")
    email = f"{clinic.tenant}@patient.example"
    values = {"first_name": "Robin", "last_name": "Vale", "email": email, "phone_number": "+15550100123"} | patient
    values["primary_location_id"] = clinic.location_id
    patient_id = await insert_row(services, UUID(clinic.organization_id), "patients", **values)
    return msgspec.structs.replace(clinic, patient_id=str(patient_id)), email
