"""A front desk that agrees on instalments; and the worker's steps of plans, taken one by one."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from psycopg import AsyncConnection

from carelane.kit import clock
from carelane.kit.claims import Lease, now_seconds
from carelane.payments.plans.jobs import work
from carelane.payments.plans.queries import DuePlan
from carelane.payments.queries import PaymentRow
from carelane.services import Services
from tests.payments.desk_world import FrontDesk
from tests.payments.world import Till

CREATE = "/billing/payment-plan/create-with-charges"
PLANNED = (
    "SELECT e.number, e.amount_cents, e.payment_id, e.canceled_at IS NOT NULL FROM planned_payments e WHERE e.plan_id = %s"
    " ORDER BY e.number"
)


def terms(*charges: str, **more: Any) -> dict[str, Any]:
    said = {"initialAmount": 0, "frequency": "WEEKLY", "installments": 3, "installmentAmount": 3_333}
    return said | {"chargeIds": list(charges)} | more


class PlanDesk(FrontDesk, frozen=True):
    async def ask_plan(self, card: str, plan: dict[str, Any], charges: Any = (), **options: Any) -> httpx.Response:
        body = {"charges": list(charges), "paymentPlan": plan, "rainforestPaymentMethodId": card}
        return await self.ask("POST", CREATE, body, **options)

    async def plan(self, card: str, *charges: str, **more: Any) -> UUID:
        answer = await self.ask_plan(card, terms(*charges, **more))
        assert answer.status_code == 200, answer.text
        return UUID(answer.json()["id"])

    async def cancel(self, charge: str) -> httpx.Response:
        return await self.ask("DELETE", f"/billing/payment-plan/{charge}")

    async def cash(self, charge: str, cents: int, **options: Any) -> httpx.Response:
        """Paid at the desk, in cash."""
        body = {
            "id": charge,
            "total": 0,
            "totalOutstanding": cents,
            "status": "PAYMENT_PLAN",
            "patient": {"id": self.patient},
        }
        body |= {"createdDate": "2026-01-01T00:00:00Z"}
        return await self.ask("POST", "/billing/payment/cash/create?payment_medium=CASH", body, **options)

    async def shown(self, charge: str) -> list[tuple[int, str]]:
        """Its instalments, as the table of charges shows them."""
        found = await self.good("GET", f"/billing/charge/table?patient_id={self.patient}&limit=50")
        [row] = [one for one in found["data"] if one["id"] == charge]
        return [(one["amount"], one["status"]) for one in row["plannedPayments"]]

    # ------------------------------------------------------------ what the worker does

    async def claimed(self, plan: UUID) -> Lease[DuePlan]:
        """The plan in flight, as a claim would have it."""
        claim_id, seconds = uuid4(), 60
        later = clock.now() + timedelta(seconds=seconds)
        await self.owner("UPDATE payment_plans SET claim_id = %s, next_at = %s WHERE id = %s", claim_id, later, plan)
        return Lease(DuePlan(self.till.organization_id, plan), claim_id, now_seconds() + seconds)

    async def look(self, plan: UUID, services: Services | None = None) -> None:
        await work(services or self.till.services, await self.claimed(plan))

    async def come_due(self, plan: UUID) -> None:
        """Time goes on until the next instalment's day."""
        await self.owner(
            "UPDATE planned_payments SET due_at = now() WHERE id = (SELECT id FROM planned_payments WHERE plan_id = %s"
            " AND payment_id IS NULL AND canceled_at IS NULL ORDER BY number LIMIT 1)",
            plan,
        )
        await self.owner("UPDATE payment_plans SET next_at = now() WHERE id = %s AND next_at IS NOT NULL", plan)

    async def begun(self, plan: UUID) -> PaymentRow:
        """The next instalment's payment, which nothing was taken of yet."""
        await self.come_due(plan)
        await self.look(plan)
        return await self.open(plan)

    async def open(self, plan: UUID) -> PaymentRow:
        [(payment_id,)] = await self.till.ask(
            "SELECT y.id FROM planned_payments e JOIN payments y ON y.id = e.payment_id WHERE e.plan_id = %s"
            " AND y.captured_cents = 0 AND y.canceled_at IS NULL",
            plan,
        )
        return await self.till.now(payment_id)

    async def taken(self, plan: UUID) -> PaymentRow:
        payment = await self.till.run(await self.begun(plan))
        assert payment.status == "PAID", payment.stage
        return payment

    async def stands(self, plan: UUID) -> str:
        [(status,)] = await self.till.ask("SELECT status FROM payment_plans WHERE id = %s", plan)
        return str(status)

    async def amounts(self, plan: UUID) -> list[int]:
        """Of what is scheduled still."""
        rows = await self.till.ask(PLANNED, plan)
        return [cents for _, cents, payment_id, is_canceled in rows if payment_id is None and not is_canceled]

    async def owner(self, statement: str, *values: Any) -> None:
        """What no test waits for, and nobody in the clinic may do."""
        async with await AsyncConnection.connect(self.till.owner_url) as conn:
            await conn.execute(statement, values)


def received(till: Till) -> int:
    """What the gateway took."""
    return sum(one["amount_received"] for one in till.intents())


async def has_acted(till: Till) -> bool:
    return received(till) > 0
