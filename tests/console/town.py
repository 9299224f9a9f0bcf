"""A clinic that takes money, with its gateway, pharmacy, mail and text messages beside it, all real and on this machine; and what its
patients do there.

The clinic is the demo's: whatever a picture of it shows is made up.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pyotp
from psycopg import sql

from carelane.demo.data import demo_data
from carelane.demo.gateway import GOOD_METHOD, register_webhooks
from carelane.kit.auth import system_actor
from tests.contract import Contract
from tests.factories.accounts import bearer
from tests.factories.staff import add_license
from tests.gateway_simulator.world import running_gateway
from tests.payment_page.world import World, running_world
from tests.pharmacies.simulator import running_simulator
from tests.quote_sending.world import until

PASSWORD = "four words nobody puts together"
QUICK = {"dispatch_seconds": "0.05", "transmit_seconds": "0.05", "allowed_networks": "127.0.0.0/8"}
_ADDRESS = {
    "addressLine1": "200 East Colfax Avenue",
    "city": "Denver",
    "state": "CO",
    "country": "US",
    "postalCode": "80203",
}
# Told of a case whose decision has its grace behind it; nobody waits for a clock.
_DUE = sql.SQL(
    "UPDATE pending_decisions SET due_at = clock_timestamp(), next_at = clock_timestamp()"
    " WHERE organization_id = %s AND case_id = %s AND status = 'PENDING' RETURNING id"
)


class Patient(msgspec.Struct, frozen=True):
    first_name: str
    last_name: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def email(self) -> str:
        return f"{self.first_name}.{self.last_name}@patient.example".lower()

    @property
    def phone(self) -> str:
        return f"+13035550{self.number:03d}"


class Town:
    """What the tests of a whole day share."""

    def __init__(self, world: World, cedar: dict[str, Any]) -> None:
        self.world = world
        self.cedar = cedar
        self.url = world.server.url
        self.organization_id = UUID(cedar["organizationId"])

    async def staff(self, who: str = "staff") -> dict[str, str]:
        """Headers of the demo's clinician, or of `admin`."""
        return await bearer(self.world.services, self.organization_id, UUID(self.cedar[f"{who}Id"]))

    async def make_template(self, name: str, content: dict[str, Any]) -> None:
        body = {"kind": "DECISION", "scope": "CLINIC", "name": name, "content": content}
        made = await self.world.client.post("/api/staff/templates", json=body, headers=await self.staff("admin"))
        assert made.status_code == 200, made.text

    async def make_case(self, patient: Patient, *answers: tuple[str, str], **more: Any) -> str:
        """As storefronts do: a card is kept at the gateway, and the case comes with it. Returns the case's id."""
        key = {"cv-api-key": self.cedar["apiKey"]}
        wanted = {"isTest": False, "metadata": {"email": patient.email}}
        made = await self.world.client.post("/api/v1/payments/setup", json=wanted, headers=key)
        assert made.status_code == 200, made.text
        setup_id = made.json()["paymentSecret"].partition("_secret_")[0]
        gateway = self.world.gateway.client(self.cedar["gatewayLiveKey"])
        gateway.v1.setup_intents.confirm(
            setup_id, {"payment_method": GOOD_METHOD, "return_url": "https://cedar-clinic.example/thanks"}
        )
        body = self._case_of(patient, answers, setup_id) | more
        case = await self.world.client.post("/api/v1/cases", json=body, headers=key)
        assert case.status_code == 200, case.text
        return str(case.json()["data"]["caseId"])

    def _case_of(self, patient: Patient, answers: tuple[tuple[str, str], ...], setup_id: str) -> dict[str, Any]:
        questions = [
            {"question": question, "answer": answer, "phi": True, "type": "TEXT"} for question, answer in answers
        ]
        form = {"title": "Migraine intake", "questions": questions}
        user = {"firstName": patient.first_name, "lastName": patient.last_name, "email": patient.email}
        user |= {"phoneNumber": patient.phone, "gender": "FEMALE", "dob": "1990-09-23"}
        payment = {"amount": 89, "currency": "USD", "description": "Migraine Plan"}
        return {
            "user": user | {"shippingAddress": _ADDRESS},
            "payment": payment | {"providerReference": {"type": "SETUP_INTENT", "id": setup_id}},
            "products": [{"id": self.cedar["productId"], "visitType": "ASYNC_TEXT_EMAIL", "form": form}],
        }

    async def answer(self, patient: Patient, case_id: str, text: str) -> None:
        """The patient signs in with a code that comes by text message, reads what was asked, and answers."""
        key, client = {"cv-api-key": self.cedar["apiKey"]}, self.world.client
        who = {"phoneNumber": patient.phone}
        sent = await client.post("/api/v1/users/auth/send-otp", json=who | {"channel": "SMS"}, headers=key)
        assert sent.status_code == 200, sent.text
        code = {"code": await until(lambda: self._code_of(patient))}
        entered = await client.post("/api/v1/users/auth/verify-otp", json=who | code, headers=key)
        assert entered.status_code == 200, entered.text
        inside = key | {"Authorization": f"Bearer {entered.json()['data']['accessToken']}"}
        path = f"/api/v1/users/me/cases/{case_id}/messages"
        assert (await client.get(path, headers=inside)).status_code == 200
        assert (await client.post(path, json={"text": text}, headers=inside)).status_code == 200

    async def _code_of(self, patient: Patient) -> str | None:
        texts = [text.text for text in self.world.provider.texts if text.recipient == patient.phone]
        found = re.findall(r"\b\d{6}\b", "\n".join(texts))
        return found[-1] if found else None

    async def link_in_mail(self, address: str) -> str:
        """To the console, in the newest mail to this address."""

        async def look() -> str | None:
            mails = [mail for to, mail in self.world.sink.messages if to == address]
            found = (
                re.findall(r"http://\S+/console/\S+", str(mails[-1].get_payload(decode=True), "utf-8")) if mails else []
            )
            return found[0] if found else None

        return str(await until(look))

    async def license(self, email: str, state: str) -> None:
        """What an administrator writes into the organization file."""
        async with self.world.services.db.reading(self.organization_id) as conn:
            row = await (await conn.execute("SELECT id FROM staff WHERE email = %s", (email,))).fetchone()
        assert row is not None
        await add_license(self.world.services, self.organization_id, row[0], state)

    async def let_grace_pass(self, case_id: str) -> None:
        async with self.world.services.db.transaction(system_actor(self.organization_id)) as conn:
            done = await (await conn.execute(_DUE, (self.organization_id, case_id))).fetchone()
        assert done is not None, "no decision is held back"

    async def case(self, case_id: str) -> dict[str, Any]:
        answer = await self.world.client.get(f"/api/staff/cases/{case_id}", headers=await self.staff())
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def code_of(secret: str) -> str:
    return pyotp.TOTP(secret).now()


@asynccontextmanager
async def running_town(data_dir: Path, contract: Contract) -> AsyncIterator[Town]:
    with running_gateway() as gateway, running_simulator(ship_after=0.2, deliver_after=0.2) as pharmacy_url:
        async with running_world(data_dir, contract, gateway, pharmacy_simulator_url=pharmacy_url, **QUICK) as world:
            made: Any = await demo_data(world.services)
            register_webhooks(made["paying"], world.server.url)
            yield Town(world, made["paying"])
