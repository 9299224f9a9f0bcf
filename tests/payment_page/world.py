"""A clinic's server with a gateway, a mail server and a provider of text messages beside it, all real and on this machine."""

import itertools
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import msgspec

from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.payments.accounts.queries import SECRET_KEY, WEBHOOK_SECRET, Policy, save_terms
from carelane.payments.decided import take_payments
from carelane.payments.links.access import PATH, link_from, token_of
from carelane.services import Services, open_services
from carelane.settings import read_settings
from tests.cast import Clinic
from tests.contract import CheckedClient, Contract
from tests.factories.cases import case_body
from tests.factories.decisions import decide
from tests.factories.rows import insert_row, update_row
from tests.gateway_simulator.world import GatewayWorld
from tests.own_clinic import make_clinic
from tests.processes.smtp_sink import SmtpSink
from tests.quote_sending.world import TOKEN, Simulator, running_provider, until
from tests.server import RunningServer, prepared, running_server
from tests.undying import undying_server

# Cards of the simulator that are kept, and what becomes of them when they are charged.
GOOD, ASKS, SOFT = "pm_card_visa", "pm_card_authenticationRequired", "pm_card_chargeCustomerFail"
# What people type on the gateway's page.
GOOD_NUMBER, DECLINED_NUMBER, ASKS_NUMBER = "4242 4242 4242 4242", "4000000000000002", "4000002760003184"

_NUMBERS = itertools.count(1)
_PAYMENT = "SELECT stage, status, captured_cents, failure, method_id, decline_code, charge_id, paid_at FROM payments WHERE organization_id = %s AND id = %s"
_MESSAGES = "SELECT channel, status FROM messages WHERE organization_id = %s AND record_id = %s AND kind = 'PAYMENT_LINK' ORDER BY channel, id"
_EVENTS = "SELECT type, value_before, value_after, actor_kind FROM events WHERE organization_id = %s AND target_id = %s ORDER BY id"
_ATTEMPTS = "SELECT kind, status, sends FROM payment_attempts WHERE organization_id = %s AND payment_id = %s ORDER BY created_at, id"


class Paying(msgspec.Struct, frozen=True):
    """A clinic with an account at the gateway, and the key that it has there."""

    clinic: Clinic
    key: str
    account_id: UUID
    email: str
    phone: str

    @property
    def organization_id(self) -> UUID:
        return UUID(self.clinic.organization_id)


class World:
    """What the tests of the page share."""

    def __init__(
        self,
        server: RunningServer,
        services: Services,
        client: CheckedClient,
        gateway: GatewayWorld,
        sink: SmtpSink,
        provider: Simulator,
    ) -> None:
        self.server = server
        self.services = services
        self.client = client
        self.gateway = gateway
        self.sink = sink
        self.provider = provider

    async def clinic(self, folder: Path, policy: Policy = "charge_on_approval", **organization: Any) -> Paying:
        """With an account for test money, whose webhooks come in."""
        clinic = await make_clinic(self.services, folder, **({"name": "Harbor & Sons"} | organization))
        organization_id, account_id = UUID(clinic.organization_id), uuid4()
        key, secret = f"sk_test_page{next(_NUMBERS)}x{uuid4().hex[:8]}", f"whsec_{uuid4().hex}"
        data_key = await self.services.keyring.data_key(organization_id)
        await insert_row(
            self.services, organization_id, "gateway_accounts", id=account_id, provider="stripe", is_test=True,
            secret_key_sealed=data_key.seal(key.encode(), SECRET_KEY, account_id),
            webhook_secret_sealed=data_key.seal(secret.encode(), WEBHOOK_SECRET, account_id),
        )  # fmt: skip
        async with self.services.db.transaction(system_actor(organization_id)) as conn:
            await save_terms(conn, organization_id, policy, None, [])
        self.gateway.register(f"{self.server.url}/gateways/stripe/{organization_id}", secret, key=key)
        number = next(_NUMBERS)
        email, phone = f"{clinic.tenant}@patient.example", f"+1212555{number:04d}"
        patient = {
            "email": email,
            "phone_number": phone,
            "date_of_birth": "1985-03-27",
            "primary_location_id": clinic.location_id,
        }
        patient_id = await insert_row(
            self.services, organization_id, "patients", first_name="Robin", last_name="Vale", **patient
        )
        clinic = msgspec.structs.replace(clinic, patient_id=str(patient_id))
        return Paying(clinic, key, account_id, email, phone)

    def silence(self, paying: Paying) -> None:
        """The gateway's webhooks never come."""
        self.gateway.unregister(f"{self.server.url}/gateways/stripe/{paying.organization_id}")

    async def due(self, paying: Paying, card: str, amount_cents: int = 15_900) -> UUID:
        """The payment of an approved case that is charged now, with this card of the patient's."""
        organization_id = paying.organization_id
        case_id = await self._case(paying)
        ((payment_id, patient_id),) = await self.rows(
            paying, "SELECT id, patient_id FROM payments WHERE organization_id = %s AND case_id = %s", case_id
        )
        await update_row(
            self.services, organization_id, "patients", patient_id, email=paying.email, phone_e164=paying.phone
        )
        client = self.gateway.client(paying.key)
        customer = client.v1.customers.create({"email": paying.email})
        method = client.v1.payment_methods.attach(card, {"customer": customer.id})
        await update_row(
            self.services, organization_id, "payments", payment_id, method="GATEWAY", policy="charge_on_approval", stage="WAITING",
            gateway_account_id=paying.account_id, customer_id=customer.id, method_id=method.id, is_test=True,
            amount_cents=amount_cents, patient_id=patient_id,
        )  # fmt: skip
        await self._approve(paying, case_id)
        return payment_id

    async def _approve(self, paying: Paying, case_id: UUID) -> None:
        """As a clinician's decision does, without one."""
        organization_id, actor = paying.organization_id, system_actor(paying.organization_id)
        data_key = await self.services.keyring.data_key(organization_id)
        await decide(self.services, organization_id, case_id, UUID(paying.clinic.creator_id), is_approved=True)
        async with self.services.db.transaction(actor) as conn:
            await conn.execute("SELECT FROM cases WHERE id = %s FOR NO KEY UPDATE", (case_id,))
            await take_payments(self.services, conn, actor, data_key, case_id)

    async def _case(self, paying: Paying) -> UUID:
        """Before the clinic verifies payments."""
        organization_id = paying.organization_id
        async with self.services.db.transaction(system_actor(organization_id)) as conn:
            await save_terms(conn, organization_id, "unverified", None, [])
        body = case_body(paying.clinic.product_id, isTest=True)
        created = await self.client.post("/api/v1/cases", json=body, headers=paying.clinic.key)
        assert created.status_code == 200, created.text
        async with self.services.db.transaction(system_actor(organization_id)) as conn:
            await save_terms(conn, organization_id, "charge_on_approval", None, [])
        return UUID(created.json()["data"]["caseId"])

    async def needing(self, paying: Paying, stage: str = "NEEDS_PATIENT", amount_cents: int = 15_900) -> UUID:
        """A payment that the worker tried to take, and that needs its patient now."""
        if stage == "NEEDS_CARD":
            self.gateway.fail_next("payment_intents.create", "lost_card", key=paying.key)
        payment_id = await self.due(paying, ASKS if stage == "NEEDS_PATIENT" else GOOD, amount_cents)
        await self.until_stage(paying, payment_id, stage)
        return payment_id

    async def until_stage(self, paying: Paying, payment_id: UUID, stage: str) -> None:
        async def is_there() -> bool:
            return (await self.payment(paying, payment_id))["stage"] == stage

        try:
            await until(is_there)
        except AssertionError as error:
            raise AssertionError(f"it is {await self.payment(paying, payment_id)}") from error

    async def payment(self, paying: Paying, payment_id: UUID) -> dict[str, Any]:
        (row,) = await self.rows(paying, _PAYMENT, payment_id)
        names = ("stage", "status", "captured_cents", "failure", "method_id", "decline_code", "charge_id", "paid_at")
        return dict(zip(names, row, strict=True))

    async def rows(self, paying: Paying, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.services.db.reading(paying.organization_id) as conn:
            return await (await conn.execute(statement, (paying.organization_id, *values))).fetchall()

    async def events(self, paying: Paying, record_id: UUID, *types: str) -> list[tuple[Any, ...]]:
        return [row for row in await self.rows(paying, _EVENTS, record_id) if not types or row[0] in types]

    async def attempts(self, paying: Paying, payment_id: UUID) -> list[tuple[Any, ...]]:
        return await self.rows(paying, _ATTEMPTS, payment_id)

    async def messages(self, paying: Paying, payment_id: UUID) -> list[tuple[Any, ...]]:
        """When none of them waits any more."""

        async def settled() -> list[tuple[Any, ...]]:
            found = await self.rows(paying, _MESSAGES, payment_id)
            return [] if any(status in ("QUEUED", "SENDING") for _, status in found) else found

        return await until(settled)

    def mails_to(self, paying: Paying) -> list[Any]:
        return [mail for to, mail in self.sink.messages if to == paying.email]

    def path(self, paying: Paying, payment_id: UUID, version: int = 1, **link: Any) -> str:
        made = link_from(paying.organization_id, payment_id, version, clock.now())
        return f"{PATH}/{token_of(self.services.payment_link_key, msgspec.structs.replace(made, **link))}"

    def intents(self, paying: Paying) -> list[dict[str, Any]]:
        return self.gateway.objects("payment_intent", paying.key)

    def taken_cents(self, paying: Paying) -> int:
        """What the gateway has taken from this clinic's patients, less what it gave back."""
        charges = self.gateway.objects("charge", paying.key)
        return sum(one["amount_captured"] - one["amount_refunded"] for one in charges if one["paid"])


@asynccontextmanager
async def running_world(
    data_dir: Path,
    contract: Contract,
    gateway: GatewayWorld,
    *options: str,
    failpoint: Path | None = None,
    **settings: str,
) -> AsyncIterator[World]:
    """`failpoint` is where its server dies, again and again."""
    with SmtpSink() as sink:
        async with running_provider() as (provider, provider_url):
            usual = {"smtp_host": "127.0.0.1", "smtp_port": str(sink.port), "smtp_starttls": "false"}
            usual |= {"sms_simulator_url": provider_url, "sms_account": "clinic", "sms_token": TOKEN}
            usual |= {
                "message_retry_seconds": "0.02",
                "gateway_simulator_url": gateway.url,
                "payment_retry_seconds": "1",
            }
            port = free_port()
            usual |= {"public_url": f"http://127.0.0.1:{port}"}
            with _serving(prepared(data_dir), port, *options, failpoint=failpoint, **(usual | settings)) as running:
                url = EmbeddedPostgres(data_dir).application_url
                read = read_settings({}, data_dir=data_dir, database_url=url, gateway_simulator_url=gateway.url)
                async with (
                    open_services(read) as services,
                    CheckedClient(contract, base_url=running.url, timeout=30) as client,
                ):
                    yield World(running, services, client, gateway, sink, provider)


@contextmanager
def _serving(
    data_dir: Path, port: int, *options: str, failpoint: Path | None, **settings: str
) -> Iterator[RunningServer]:
    if failpoint is None:
        with running_server(data_dir, "--port", str(port), "--workers", "1", *options, **settings) as running:
            yield running
    else:
        with (
            running_server(data_dir, "--workers", "1", *options, **settings) as running,
            undying_server(running, failpoint, port) as url,
        ):
            yield msgspec.structs.replace(running, url=url)


def free_port() -> int:
    """Gateways lead people back to an address that must be known before the server starts."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def path_in(text: str) -> str:
    """That of the only link in a message."""
    (url,) = re.findall(rf"https?://\S+{PATH}/\S+", text)
    return urlsplit(url).path
