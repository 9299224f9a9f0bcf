"""A new installation with an organization of six lines in it, and what runs beside a clinic: a pharmacy, a gateway, mail and a storefront's
receiver, all real and on this machine."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
from playwright.async_api import Page

from carelane.kit.auth import system_actor
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.organizations.queries import list_organizations
from carelane.services import Services, open_services
from carelane.settings import read_settings
from tests.console.town import QUICK
from tests.gateway_simulator.world import GatewayWorld, running_gateway
from tests.payment_page.world import free_port
from tests.pharmacies.receiver import Receiver, receiving
from tests.pharmacies.simulator import running_simulator
from tests.processes.smtp_sink import SmtpSink
from tests.quote_sending.world import until
from tests.server import running_server

TENANT = "willow"
ADMIN = "ana.brook@willow.example"
FILE = f"""\
organization:
  tenant: {TENANT}
  name: Willow Care
  casePrefix: WIL
staff:
  - {{email: {ADMIN}, firstName: Ana, lastName: Brook, role: ADMIN, takesCases: false}}
"""
COMMAND_SECONDS = 60
_DUE = (
    "UPDATE pending_decisions SET due_at = clock_timestamp(), next_at = clock_timestamp()"
    " WHERE organization_id = %s AND status = 'PENDING' RETURNING id"
)
_LINK = re.compile(r"http://\S+/console/\S+")


class Place(msgspec.Struct, frozen=True):
    """`invitation` is the link that `carelane apply` printed."""

    url: str
    data_dir: Path
    invitation: str
    gateway: GatewayWorld
    sink: SmtpSink
    receiver: Receiver
    client: httpx.AsyncClient
    services: Services

    async def link_in_mail(self, address: str) -> str:
        async def look() -> str | None:
            mails = [mail for to, mail in self.sink.messages if to == address]
            found = _LINK.findall(str(mails[-1].get_payload(decode=True), "utf-8")) if mails else []
            return found[0] if found else None

        return str(await until(look))

    async def let_grace_pass(self) -> None:
        """Of the decision that is held back; nobody waits for a clock."""
        async with self.services.db.across() as conn:
            ((organization_id, _),) = await list_organizations(conn)
        async with self.services.db.transaction(system_actor(organization_id)) as conn:
            done = await (await conn.execute(_DUE, (organization_id,))).fetchone()
        assert done is not None, "no decision is held back"

    def settings(self) -> dict[str, str]:
        return {"CARELANE_ALLOWED_NETWORKS": "127.0.0.0/8", "CARELANE_GATEWAY_SIMULATOR_URL": self.gateway.url}


def command(arguments: list[str], data_dir: Path, variables: Mapping[str, str]) -> str:
    """What one of ours prints, as a person runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "carelane", *arguments, "--data-dir", str(data_dir)],
        env={**variables, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@asynccontextmanager
async def running_place(folder: Path) -> AsyncIterator[Place]:
    """The server, and the organization's file applied."""
    data_dir, port = folder / "data", free_port()
    url = f"http://127.0.0.1:{port}"
    async with receiving() as receiver:
        with (
            running_gateway() as gateway,
            running_simulator(ship_after=0.2, deliver_after=0.2) as pharmacy,
            SmtpSink() as sink,
        ):
            usual = QUICK | {
                "public_url": url,
                "pharmacy_simulator_url": pharmacy,
                "gateway_simulator_url": gateway.url,
            }
            usual |= {"smtp_host": "127.0.0.1", "smtp_port": str(sink.port), "smtp_starttls": "false"}
            usual |= {"message_retry_seconds": "0.05", "payment_retry_seconds": "1"}
            with running_server(data_dir, "--port", str(port), "--workers", "1", **usual):
                file = folder / "clinic.yaml"
                file.write_text(FILE)
                (link,) = _LINK.findall(command(["apply", str(file)], data_dir, {"CARELANE_PUBLIC_URL": url}))
                read = read_settings({}, data_dir=data_dir, database_url=EmbeddedPostgres(data_dir).application_url)
                async with open_services(read) as services, httpx.AsyncClient(base_url=url, timeout=30) as client:
                    yield Place(url, data_dir, link, gateway, sink, receiver, client, services)


async def downloaded(page: Page, name: str) -> str:
    """What the link of this name downloads."""
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name=name).click()
    return (await (await waiting.value).path()).read_text()
