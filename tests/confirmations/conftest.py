"""A clinic of each test's own, whose storefront is paid elsewhere."""

from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
import pytest_asyncio

from carelane.kit.auth import system_actor
from carelane.ledger.reads import trial_balance
from carelane.payments.invariants.reads import check_money
from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.detail.asking import create_case, read_case
from tests.own_clinic import make_clinic
from tests.payments.checking import kept_in_order

URL = "/api/v1/customer-payment-confirmation"


class Shop(msgspec.Struct, frozen=True):
    client: CheckedClient
    services: Services
    clinic: Clinic
    case_id: UUID

    @property
    def id(self) -> UUID:
        return UUID(self.clinic.organization_id)

    def body(self, status: str = "PAID", amount: Any = 50, **members: Any) -> dict[str, Any]:
        usual = {"caseId": str(self.case_id), "paymentDate": "2026-11-20", "validUntil": "2026-12-20"}
        return {"amount": amount, "status": status} | usual | members

    async def send(self, body: dict[str, Any], **headers: str) -> httpx.Response:
        return await self.client.post(URL, json=body, headers=self.clinic.key | headers)

    async def told(self, status: str = "PAID", amount: Any = 50, **members: Any) -> None:
        answer = await self.send(self.body(status, amount, **members))
        assert (answer.status_code, answer.json()) == (200, {"status": 200, "success": True}), answer.text

    async def elsewhere(self) -> list[tuple[str, str]]:
        """Status and amount of what the case detail shows beside the payment that the case came with."""
        shown = (await read_case(self.client, self.clinic, self.case_id, includePayments="true"))["payments"]
        return [(one["status"], one["amount"]) for one in shown if one["amount"] != "159.00"]

    async def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.services.db.reading(self.id) as conn:
            return await (await conn.execute(statement.encode(), values)).fetchall()

    async def events(self) -> list[tuple[str, str | None, str | None]]:
        return await self.ask(
            "SELECT type, value_before, value_after FROM events WHERE case_id = %s AND type <> 'CREATE_CASE' "
            "ORDER BY case_sequence",
            self.case_id,
        )

    async def books(self) -> dict[str, int]:
        """Debits less credits, by the account's code; nothing is wrong with any money."""
        assert await check_money(self.services, system_actor(self.id), asks_gateways=False) == []
        async with self.services.db.reading(self.id) as conn:
            found = await trial_balance(conn, self.id)
        assert sum(one.cents for one in found) == 0
        sums: dict[str, int] = {}
        for one in found:
            sums[one.account.code] = sums.get(one.account.code, 0) + one.cents
        return {code: cents for code, cents in sums.items() if cents}


@pytest.fixture
async def shop(client: CheckedClient, services: Services, tmp_path: Any) -> Shop:
    clinic = await make_clinic(services, tmp_path)
    return Shop(client, services, clinic, await create_case(client, clinic))


@pytest_asyncio.fixture(autouse=True, scope="module", loop_scope="session")
async def money_is_in_order(services):
    """What the file's tests did with money holds together."""
    async with kept_in_order(services, asks_gateways=False):
        yield
