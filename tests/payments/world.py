"""A clinic that takes money, its patients and their cards, and the worker's steps, taken one by one."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import stripe

from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.kit.claims import Lease, now_seconds
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.kit.money import decimal_string
from carelane.payments.accounts.access import open_account
from carelane.payments.gateways.protocol import Gateway
from carelane.payments.invariants.reads import check_money
from carelane.payments.methods.actions import give_card
from carelane.payments.moving.jobs import take_step
from carelane.payments.moving.queries import DuePayment
from carelane.payments.moving.task import PaymentTask
from carelane.payments.queries import PaymentRow, find_payment
from carelane.payments.settling.queries import Standing, list_standing
from carelane.payments.settling.settle import Seen, settle
from carelane.services import Services
from tests.cast import Clinic
from tests.factories.cases import case_body
from tests.factories.rows import insert_row, update_row
from tests.gateway_simulator.world import GatewayWorld
from tests.own_clinic import make_clinic
from tests.review.people import Desk, Person, decision, employ

AMOUNT = 15_900
MOST_STEPS = 20


class Till(msgspec.Struct, frozen=True, kw_only=True):
    services: Services
    http: httpx.AsyncClient
    bank: GatewayWorld
    key: str
    webhook_secret: str
    clinic: Clinic
    account_id: UUID
    clinician: Person
    manager: Person

    @property
    def organization_id(self) -> UUID:
        return UUID(self.clinic.organization_id)

    @property
    def actor(self) -> Any:
        return system_actor(self.organization_id)

    @property
    def owner_url(self) -> str:
        """The database as nobody of the clinic's sees it."""
        return EmbeddedPostgres(self.services.settings.data_dir).owner_url

    @property
    def stripe(self) -> stripe.StripeClient:
        return self.bank.client(self.key)

    async def gateway(self) -> Gateway:
        return await open_account(self.services, self.organization_id, self.account_id)

    # ------------------------------------------------------------ what storefronts and patients do

    def saved_card(self, card: str = "pm_card_visa") -> str:
        """A setup intent whose card can be charged later."""
        customer = self.stripe.v1.customers.create({})
        params = {"confirm": True, "payment_method": card, "customer": customer.id, "payment_method_types": ["card"]}
        made = self.stripe.v1.setup_intents.create(params)
        assert made.status == "succeeded", made.status
        return made.id

    def held(self, amount: int = AMOUNT, card: str = "pm_card_visa", *, keeps: bool = True, **more: Any) -> str:
        """A storefront's own hold; `keeps`: the card may be charged later."""
        return self.intent(amount, card, keeps=keeps, capture_method="manual", **more)

    def intent(self, amount: int = AMOUNT, card: str = "pm_card_visa", *, keeps: bool = True, **more: Any) -> str:
        params: dict[str, Any] = {"amount": amount, "currency": "usd", "confirm": True, "payment_method": card}
        params["capture_method"] = "automatic"
        if keeps:
            params |= {"customer": self.stripe.v1.customers.create({}).id, "setup_future_usage": "off_session"}
        return self.stripe.v1.payment_intents.create(params | {"payment_method_types": ["card"]} | more).id

    async def case(self, reference: str | None, amount: int = AMOUNT, *, currency: str = "USD") -> PaymentRow:
        """A case that comes with a payment."""
        kind = "SETUP_INTENT" if reference and reference.startswith("seti_") else "PAYMENT_INTENT"
        payment: dict[str, Any] = {"amount": decimal_string(amount, currency), "currency": currency}
        if reference is None:
            payment["status"] = "UNPAID"
        else:
            payment["providerReference"] = {"type": kind, "id": reference}
        body = case_body(self.clinic.product_id, payment=payment, isTest=True)
        answer = await self.http.post("/api/v1/cases", json=body, headers=self.clinic.key)
        assert answer.status_code == 200, answer.text
        case_id = UUID(answer.json()["data"]["caseId"])
        [(payment_id,)] = await self.ask("SELECT id FROM payments WHERE case_id = %s", case_id)
        return await self.now(payment_id)

    async def give_card(self, payment: PaymentRow, setup_id: str) -> PaymentRow:
        """The patient's other card."""
        setup = await (await self.gateway()).fetch_setup(setup_id)
        assert setup is not None
        assert setup.customer_id is not None
        assert setup.method_id is not None
        async with self.services.db.transaction(self.actor) as conn:
            await give_card(conn, self.actor, self.services.settings, payment.id, setup.customer_id, setup.method_id)
        return await self.now(payment)

    async def give_card_anyway(self, payment: PaymentRow, setup_id: str) -> PaymentRow:
        """As it would stand if the patient had given it before the case was closed."""
        setup = await (await self.gateway()).fetch_setup(setup_id)
        assert setup is not None
        changes = {"customer_id": setup.customer_id, "method_id": setup.method_id, "decline_code": None, "tries": 0}
        await update_row(self.services, self.organization_id, "payments", payment.id, **changes)
        return await self.now(payment)

    # ------------------------------------------------------------ what staff do

    def desk(self, payment: PaymentRow) -> Desk:
        assert payment.case_id is not None
        return Desk(self.http, payment.case_id)  # type: ignore[arg-type]

    async def decide(self, payment: PaymentRow, outcome: str = "APPROVED") -> PaymentRow:
        desk = self.desk(payment)
        await desk.done(self.clinician, "start")
        await desk.done(self.clinician, "decide", self.approval(outcome))
        return await self.now(payment)

    def approval(self, outcome: str = "APPROVED") -> dict[str, Any]:
        return {"decisions": [decision(self.clinic.product_id, outcome)]}

    async def confirm(self, payment: PaymentRow, status: str, amount: str = "159.00") -> PaymentRow:
        """The storefront was paid elsewhere."""
        body = {"caseId": str(payment.case_id), "amount": amount, "status": status, "paymentDate": "2026-01-02"}
        answer = await self.http.post("/api/v1/customer-payment-confirmation", json=body, headers=self.clinic.key)
        assert answer.status_code == 200, answer.text
        return await self.now(payment)

    async def close(self, payment: PaymentRow, status: str = "CLOSE") -> PaymentRow:
        """As the storefront does."""
        body = {"action": "CHANGE_CASE_STATUS", "status": status}
        answer = await self.http.post(f"/api/v1/cases/{payment.case_id}", json=body, headers=self.clinic.key)
        assert answer.status_code == 200, answer.text
        return await self.now(payment)

    async def approved(self, reference: str | None, amount: int = AMOUNT) -> PaymentRow:
        return await self.decide(await self.case(reference, amount))

    async def paid(self, amount: int = AMOUNT, card: str = "pm_card_visa") -> PaymentRow:
        payment = await self.run(await self.approved(self.saved_card(card), amount))
        assert payment.status == "PAID"
        return payment

    async def refund(self, payment: PaymentRow, cents: int, reason: str | None = None) -> UUID:
        """Granted, and sent: now it is the worker's turn."""
        amount = decimal_string(cents, payment.currency)
        body = {"amount": amount} | ({"reason": reason} if reason else {})
        url = f"/api/staff/payments/{payment.id}/refunds"
        granted = await self.http.post(url, json=body, headers=self.manager.headers)
        assert granted.status_code == 200, granted.text
        refund_id = granted.json()["id"]
        sent = await self.http.post(f"/api/staff/refunds/{refund_id}/send", headers=self.manager.headers)
        assert sent.status_code == 200, sent.text
        return UUID(refund_id)

    async def refund_anyway(self, payment: PaymentRow, cents: int) -> UUID:
        """One that staff could not have sent any more: as it would stand if they had, before whatever forbids it."""
        refund_id = await insert_row(
            self.services, self.organization_id, "refunds",
            payment_id=payment.id, amount_cents=cents, currency=payment.currency, status="SENDING",
            granted_by_staff_id=self.manager.id,
        )  # fmt: skip
        await update_row(self.services, self.organization_id, "payments", payment.id, next_step_at=clock.now())
        return refund_id

    # ------------------------------------------------------------ what the worker does

    async def take(self, payment: PaymentRow, services: Services | None = None) -> PaymentTask:
        """The payment in flight, as a claim would have it."""
        services, claim_id = services or self.services, uuid4()
        lease_seconds = services.settings.claim_lease_seconds
        due_at = clock.now() + timedelta(seconds=lease_seconds)
        await update_row(services, self.organization_id, "payments", payment.id, claim_id=claim_id, next_step_at=due_at)
        due = DuePayment(self.organization_id, payment.id, False)
        return PaymentTask(services=services, lease=Lease(due, claim_id, now_seconds() + lease_seconds))

    async def step(self, payment: PaymentRow, services: Services | None = None) -> PaymentRow:
        await take_step(await self.take(payment, services))
        return await self.now(payment)

    async def run(self, payment: PaymentRow, services: Services | None = None) -> PaymentRow:
        """Every step that is due, until none is."""
        current = await self.now(payment)
        for _ in range(MOST_STEPS):
            if current.next_step_at is None or current.next_step_at > clock.now() + timedelta(seconds=2):
                return current
            await asyncio.sleep(max((current.next_step_at - clock.now()).total_seconds(), 0))
            current = await self.step(current, services)
        raise AssertionError(f"it does not come to an end: {current.stage}")

    async def hear(self, payment: PaymentRow, seen: Seen | None) -> PaymentRow:
        """What a webhook would bring."""
        assert seen is not None
        await settle(self.services, self.actor, payment.id, seen)
        return await self.now(payment)

    # ------------------------------------------------------------ what is so

    async def now(self, payment: PaymentRow | UUID) -> PaymentRow:
        payment_id = payment if isinstance(payment, UUID) else payment.id
        async with self.services.db.reading(self.organization_id) as conn:
            found = await find_payment(conn, self.organization_id, payment_id)
        assert found is not None
        return found

    async def standing(self, payment: PaymentRow) -> Standing:
        async with self.services.db.reading(self.organization_id) as conn:
            return await list_standing(conn, await self.now(payment))

    async def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.services.db.reading(self.organization_id) as conn:
            return await (await conn.execute(statement, values)).fetchall()

    async def told(self, payment: PaymentRow) -> list[str]:
        """The events of the payment's money, in order."""
        rows = await self.ask(
            "SELECT type FROM events WHERE (case_id = %s OR target_id = %s) AND (type LIKE 'PAYMENT%%' OR type LIKE 'REFUND%%' "
            "OR type LIKE 'DISPUTE%%') ORDER BY case_sequence, created_at, id",
            payment.case_id, payment.id,
        )  # fmt: skip
        return [kind for (kind,) in rows]

    async def balances(self) -> dict[str, int]:
        """Debits less credits of each kind of account, without those that are even."""
        rows = await self.ask(
            "SELECT a.code, sum(CASE WHEN p.debit_id = a.id THEN p.amount_cents ELSE -p.amount_cents END)::bigint "
            "FROM ledger_postings p JOIN ledger_accounts a ON a.id IN (p.debit_id, p.credit_id) GROUP BY a.code"
        )
        return {code: cents for code, cents in rows if cents}

    def intents(self, payment: PaymentRow | None = None) -> list[dict[str, Any]]:
        """Those at the gateway; of a payment, those that we made for it."""
        return [
            one
            for one in self.bank.objects("payment_intent", self.key)
            if payment is None or one["metadata"].get("carelane_payment") == str(payment.id)
        ]

    def refunds(self) -> list[dict[str, Any]]:
        return self.bank.objects("refund", self.key)

    def fail(self, operation: str, fault: str, times: int | None = 1) -> None:
        """The clinic's next calls of that name."""
        self.bank.fail_next(operation, fault, times, self.key)

    async def require_agreement(self) -> None:
        findings = await check_money(self.services, self.actor)
        assert not findings, [msgspec.structs.asdict(finding) for finding in findings]


async def open_till(
    services: Services, http: httpx.AsyncClient, bank: GatewayWorld, folder: Path,
    policy: str = "charge_on_approval", currency: str = "USD",
) -> Till:  # fmt: skip
    key = f"sk_test_{uuid4().hex}"
    webhook_secret = f"whsec_{uuid4().hex}"
    test = {"secretKey": key, "webhookSecret": webhook_secret}
    payments = {"policy": policy, "gateways": {"stripe": {"test": test}}}
    product_id, bundle_id = f"{uuid4()}", f"{uuid4()}"
    sold = {"products": [{"id": product_id, "name": "Tablets", "price": "159", "currency": currency}]}
    sold |= {
        "bundles": [{"id": bundle_id, "name": "Plan", "price": "99", "priceUnit": currency, "products": [product_id]}]
    }
    parts = {"payments": payments} | sold
    named = {"product_id": product_id, "bundle_id": bundle_id}
    clinic = await make_clinic(services, folder, parts=parts, currency=currency, **named)
    organization_id = UUID(clinic.organization_id)
    async with services.db.reading(organization_id) as conn:
        [(account_id,)] = await (await conn.execute("SELECT id FROM gateway_accounts")).fetchall()
    return Till(
        services=services,
        http=http,
        bank=bank,
        key=key,
        webhook_secret=webhook_secret,
        clinic=clinic,
        account_id=account_id,
        clinician=await employ(services, clinic, "Ada"),
        manager=await employ(services, clinic, "Cleo", role="ADMIN"),
    )
