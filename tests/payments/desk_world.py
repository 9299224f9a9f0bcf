"""The front desk of a clinic that takes money: charges without a case, kept cards, and the two steps of a card payment."""

from typing import Any
from uuid import UUID

import httpx
import msgspec

from carelane.payments.queries import PaymentRow
from tests.factories.rows import insert_row
from tests.factories.seen import hear
from tests.payments.world import Till

TERMINAL = "/billing/payment-terminal"
PAYIN = f"{TERMINAL}/payin-config"
POSTED = "SELECT act, sum(amount_cents)::bigint FROM ledger_postings WHERE act <> 'CHARGE' GROUP BY act ORDER BY act"


class FrontDesk(msgspec.Struct, frozen=True):
    till: Till

    @property
    def patient(self) -> str:
        return self.till.clinic.patient_id

    async def ask(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        headers = self.till.clinic.billing | options.pop("headers", {})
        return await self.till.http.request(method, path, json=body, headers=headers, **options)

    async def good(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = await self.ask(method, path, body, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def charge(self, price: int = 10_000, patient: str | None = None) -> str:
        """Something that the patient owes."""
        lines = [{"itemId": self.till.clinic.item_id, "unitPrice": price}]
        cart = await self.good("POST", "/billing/cart", {"patientId": patient or self.patient, "items": lines})
        made = await self.good("POST", f"/billing/cart/{cart['id']}/convert-to-charge", {"cartId": cart["id"]})
        assert made["totalOutstanding"] == price
        return str(made["id"])

    async def card(self, name: str = "pm_card_visa", patient: str | None = None) -> str:
        body = {"paymentMethodId": self.till.saved_card(name)}
        params = {"patient_id": patient or self.patient}
        kept = await self.good("POST", "/user/patient/payment-methods/create", body, params=params)
        return str(kept["id"])

    async def config(self, *charges: str, **more: Any) -> str:
        body = {"charges": [{"id": one} for one in charges], "paymentMedium": "VIRTUAL_TERMINAL"} | more
        return str((await self.good("POST", PAYIN, body))["payinConfigId"])

    async def pay(self, card: str, config: str, **options: Any) -> httpx.Response:
        return await self.ask("POST", f"{TERMINAL}/charge-card/{card}", {"payinConfigId": config}, **options)

    async def paid(self, card: str, config: str, status: str = "SUCCEEDED") -> dict[str, Any]:
        answer = await self.pay(card, config)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == status, answer.text
        return dict(answer.json())

    async def owed(self, charge: str) -> tuple[str, int]:
        shown = await self.good("GET", f"/billing/charge/get/{charge}")
        return shown["status"], shown["totalOutstanding"]

    async def payment(self, answer: dict[str, Any]) -> PaymentRow:
        return await self.till.now(UUID(answer["payinId"]))

    async def posted(self) -> dict[str, int]:
        """What every act came to, without what was owed to begin with."""
        return {str(row[0]): int(row[1]) for row in await self.till.ask(POSTED)}


async def paid_on_page(till: Till, charge: str, cents: int) -> None:
    """So much of it, as it was written down."""
    here = (till.services, till.organization_id)
    promised = {"status": "UNPAID", "stage": "WAITING", "method": "GATEWAY", "policy": "on_page", "wanted": "TAKE"}
    money = {"amount_cents": cents, "currency": "USD", "is_test": True, "gateway_account_id": till.account_id}
    of = {"charge_id": UUID(charge), "patient_id": UUID(till.clinic.patient_id)}
    payment_id = await insert_row(*here, "payments", **promised, **money, **of)
    taken = await (await till.gateway()).fetch_intent(till.intent(cents))
    assert taken is not None
    await hear(*here, payment_id, taken)
