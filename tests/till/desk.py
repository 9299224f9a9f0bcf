"""A front desk: who stands at it takes money, gives credit and gives back, over HTTP."""

from typing import Any
from uuid import UUID

import httpx
import msgspec

from carelane.ledger.reads import credit_balance, trial_balance
from carelane.ledger.schemas import Books, ChargeSums
from carelane.services import Services
from tests.cast import Clinic
from tests.charges.money import Till
from tests.contract import CheckedClient
from tests.factories.rows import insert_row


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """A clinic's desk. `till` is its gateway's side."""

    client: CheckedClient
    services: Services
    clinic: Clinic
    till: Till

    @property
    def id(self) -> UUID:
        return UUID(self.clinic.organization_id)

    async def patient(self, **values: Any) -> str:
        values = {"first_name": "Pia", "last_name": "Till"} | values
        return str(await insert_row(self.services, self.id, "patients", **values))

    def sale(self, patient: str, *prices: int, **values: Any) -> dict[str, Any]:
        items = [{"name": "Tablets", "quantity": 1, "price": price} for price in prices]
        return {"patientId": patient, "totalOutstanding": sum(prices), "items": items} | values

    async def charge(self, patient: str, *prices: int, **values: Any) -> dict[str, Any]:
        """A charge as the table shows it."""
        answer = await self.send(
            "POST", "/billing/payment-terminal/charge/create", self.sale(patient, *(prices or (10_000,)), **values)
        )
        assert answer.status_code == 200, answer.text
        return await self.row(answer.json()["id"])

    async def row(self, charge_id: str) -> dict[str, Any]:
        answer = await self.send("GET", "/billing/charge/table", id=charge_id)
        (row,) = answer.json()["data"]
        return dict(row)

    async def shown(self, charge_id: str) -> dict[str, Any]:
        return dict((await self.send("GET", f"/billing/charge/get/{charge_id}")).json())

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        key: str | None = None,
        **query: Any,
    ) -> httpx.Response:
        own = self.clinic.billing if headers is None else headers
        if key is not None:
            own = own | {"Idempotency-Key": key}
        more = {} if body is None else {"json": body}
        return await self.client.request(method, path, headers=own, params=query or None, **more)

    async def cash(self, row: dict[str, Any], cents: int | None = None, **more: Any) -> httpx.Response:
        body = row if cents is None else row | {"totalOutstanding": cents}
        return await self.send("POST", "/billing/payment/cash/create", body, **more)

    async def paid(self, row: dict[str, Any], cents: int | None = None, **more: Any) -> dict[str, Any]:
        answer = await self.cash(row, cents, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def with_credit(self, row: dict[str, Any], cents: int | None = None, **more: Any) -> httpx.Response:
        body = row if cents is None else row | {"totalOutstanding": cents}
        return await self.send("POST", "/billing/payment/patient-credit/create", body, **more)

    async def grant(self, patient: str, cents: int, **values: Any) -> dict[str, Any]:
        answer = await self.send("POST", f"/user/patient/{patient}/credit", {"amount": cents} | values)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def available(self, patient: str) -> int:
        answer = await self.send("GET", f"/user/patient/{patient}/credit/available")
        assert answer.status_code == 200, answer.text
        return int(answer.json()["totalAvailable"])

    async def credits(self, patient: str, **query: Any) -> list[dict[str, Any]]:
        answer = await self.send("GET", f"/user/patient/{patient}/credit", **query)
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["data"]) == answer.json()["total"]
        return list(answer.json()["data"])

    async def refund(self, payment_id: str, cents: int | None, **more: Any) -> httpx.Response:
        sending = {name: more.pop(name) for name in ("headers", "key") if name in more}
        body = {"paymentId": payment_id, "providerId": self.clinic.creator_id, "reason": "OTHER"}
        body |= {} if cents is None else {"amount": cents}
        return await self.send("POST", "/billing/payment/refund", body | more, **sending)

    async def archive(self, payment_id: str, **more: Any) -> httpx.Response:
        return await self.send("DELETE", f"/billing/payment/{payment_id}", **more)

    async def sums(self, charge_id: str) -> ChargeSums:
        return await self.till.sums(UUID(charge_id))

    async def credit_in_books(self, patient: str, books: Books) -> int:
        async with self.services.db.reading(self.id) as conn:
            return await credit_balance(conn, self.id, UUID(patient), books)

    async def accounts(self) -> dict[str, int]:
        """What the accounts come to, by their codes: debits less credits."""
        found: dict[str, int] = {}
        async with self.services.db.reading(self.id) as conn:
            for one in await trial_balance(conn, self.id):
                found[one.account.code] = found.get(one.account.code, 0) + one.cents
        return found


def problems(answer: httpx.Response) -> list[tuple[Any, ...]]:
    """What a 422 names."""
    assert answer.status_code == 422, answer.text
    return [(*one["loc"], one["msg"]) for one in answer.json()["detail"]]
