"""Money of charges, as the worker and staff move it."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec

from carelane.charges.refresh import refresh_charge
from carelane.kit.auth import system_actor
from carelane.ledger.actions import post
from carelane.ledger.reads import charge_sums
from carelane.ledger.schemas import ChargeSums, Entry
from carelane.payments.settling.settle import Seen
from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.factories.accounts import bearer
from tests.factories.charges import line, make_charge
from tests.factories.payments import add_gateway, add_intent
from tests.factories.rows import insert_row, update_row
from tests.factories.seen import hear, refund_of, take
from tests.factories.staff import hire


class Till(msgspec.Struct, frozen=True, kw_only=True):
    """A clinic whose patients pay, with members of staff; their request headers."""

    client: CheckedClient
    services: Services
    clinic: Clinic
    gateway_id: UUID
    manager: dict[str, str]
    caseworker: dict[str, str]

    @classmethod
    async def open(cls, client: CheckedClient, services: Services, clinic: Clinic) -> "Till":
        here = (services, UUID(clinic.organization_id))
        manager = await hire(*here, "Mina", "Till", role="CASEMANAGER")
        caseworker = await hire(*here, "Cass", "Till", role="CASEWORKER")
        # Switched off, so that what has no gateway of its own stays as it is.
        async with services.db.reading(here[1]) as conn:
            cursor = await conn.execute("SELECT id FROM gateway_accounts WHERE organization_id = %s", (here[1],))
            row = await cursor.fetchone()
        gateway_id = row[0] if row else await add_gateway(*here, is_test=False, is_active=False)
        return cls(
            client=client, services=services, clinic=clinic, gateway_id=gateway_id, manager=await bearer(*here, manager),
            caseworker=await bearer(*here, caseworker),
        )  # fmt: skip

    @property
    def id(self) -> UUID:
        return UUID(self.clinic.organization_id)

    @property
    def patient_id(self) -> UUID:
        return UUID(self.clinic.patient_id)

    async def charge(self, total: int = 10_000, **values: Any) -> UUID:
        sold = line("Tablets", total, product_id=UUID(self.clinic.item_id))
        return await make_charge(self.services, self.clinic, sold, **values)

    async def pay(
        self, charge_id: UUID | None, cents: int, *, amount: int | None = None, **values: Any
    ) -> tuple[UUID, str]:
        """A payment that a gateway took: its id, and its intent's at the gateway. Of a case, the money came with it."""
        intent_id, paid_at = f"pi_{uuid4().hex}", values.pop("paid_at", None)
        if "case_id" in values:
            values |= {"reference_type": "PAYMENT_INTENT", "reference_id": intent_id}
        payment_id = await self.promise(
            charge_id, amount or cents, **({"wanted": "TAKE"} if cents and charge_id else {}) | values
        )
        if cents:
            await take(self.services, self.id, payment_id, cents, id=intent_id)
        else:
            wanted = {"status": "requires_payment_method", "gateway_id": intent_id}
            await add_intent(self.services, self.id, payment_id, self.gateway_id, amount or cents, **wanted)
        if paid_at:
            await update_row(self.services, self.id, "payments", payment_id, paid_at=paid_at)
        return payment_id, intent_id

    async def promise(self, charge_id: UUID | None, cents: int, **values: Any) -> UUID:
        """A payment of which nothing was taken yet."""
        usual = {"status": "UNPAID", "stage": "WAITING", "method": "GATEWAY", "policy": "charge_on_approval"}
        of = {"charge_id": charge_id, "patient_id": self.patient_id, "gateway_account_id": self.gateway_id}
        sums = {"amount_cents": cents, "currency": "USD"}
        return await insert_row(self.services, self.id, "payments", **(usual | of | sums | values))

    async def hear(self, payment_id: UUID, seen: Seen) -> str | None:
        """The status of the payment's charge after what the gateway said."""
        payment = await hear(self.services, self.id, payment_id, seen)
        if payment.charge_id is None:
            return None
        async with self.services.db.transaction(system_actor(self.id)) as conn:
            return await refresh_charge(conn, self.id, payment.charge_id)

    async def post(self, charge_id: UUID, *acts: Entry) -> str:
        """The status of the charge after the acts."""
        async with self.services.db.transaction(system_actor(self.id)) as conn:
            await post(conn, self.id, *acts)
            return await refresh_charge(conn, self.id, charge_id)

    async def refund(self, payment_id: UUID, intent_id: str, cents: int, **values: Any) -> str | None:
        return await self.hear(payment_id, refund_of(intent_id, cents, **values))

    async def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.services.db.reading(self.id) as conn:
            return await (await conn.execute(statement.encode(), values)).fetchall()

    async def sums(self, charge_id: UUID) -> ChargeSums:
        async with self.services.db.reading(self.id) as conn:
            return await charge_sums(conn, self.id, charge_id)

    async def ask(
        self, charge_id: UUID | str, act: str, headers: dict[str, str] | None = None, **body: Any
    ) -> httpx.Response:
        path = f"/api/staff/charges/{charge_id}/{act}"
        return await self.client.post(
            path, json=body or {"reason": "Told us"}, headers=self.manager if headers is None else headers
        )

    async def shown(self, charge_id: UUID) -> dict[str, Any]:
        answer = await self.client.get(f"/billing/charge/get/{charge_id}", headers=self.clinic.billing)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def timeline(self, **query: Any) -> list[dict[str, Any]]:
        answer = await self.client.get("/billing/charge/timeline", params=query, headers=self.clinic.billing)
        assert answer.status_code == 200, answer.text
        return answer.json()
