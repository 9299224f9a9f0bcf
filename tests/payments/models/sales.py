"""From a cart to a quote, a charge, a payment on the gateway's page, refunds and disputes."""

from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from carelane.quotes.page.access import PATH, QuoteLink, token_of
from tests.payment_page.patient import leads_to
from tests.payment_page.world import DECLINED_NUMBER, GOOD_NUMBER
from tests.payments.models.counter import Counter, changes
from tests.payments.models.desk import Desk
from tests.payments.models.giving_back import GivingBack, is_paid
from tests.payments.models.machine import about, amounts, news
from tests.payments.models.money import Money

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MOST = 3
numbers = st.integers(0, 1_000)


def is_unpaid(sale: Money) -> bool:
    return not sale.captured


def is_settled(sale: Money) -> bool:
    return is_paid(sale) and not getattr(sale, "raised", 0)


class Sale(Money):
    def __init__(self, payment_id: UUID, amount: int, path: str, charge_id: str, checkout: str) -> None:
        super().__init__(payment_id, amount)
        self.path = path
        self.charge_id = charge_id
        self.checkout = checkout
        # What is owed beyond the payment, since staff adjusted it.
        self.raised = 0


class Sales(Counter, Desk, GivingBack):
    @initialize(prices=st.lists(amounts, min_size=1, max_size=3), percentage=st.sampled_from([0, 0, 33.5]))
    def begin(self, prices: list[int], percentage: float) -> None:
        """Two sales, one of them paid."""
        self.sell(prices, percentage, is_accepted_first=False)
        self.sell(prices[:1], 0, is_accepted_first=True)
        self.pay(0, is_declined=True, is_back=True, order="in order")

    @precondition(lambda self: len(self.payments) < MOST)
    @rule(
        prices=st.lists(amounts, min_size=1, max_size=3),
        percentage=st.sampled_from([0, 0, 33.5]),
        is_accepted_first=st.booleans(),
    )
    def sell(self, prices: list[int], percentage: float, is_accepted_first: bool) -> None:
        """As far as the gateway's page."""
        clinic, services = self.stand.till.clinic, self.stand.till.services
        lines = [{"itemId": clinic.item_id, "quantity": 1, "unitPrice": price} for price in prices]
        whom = {"patientId": clinic.patient_id, "creatorId": clinic.creator_id}
        cart = self.bill("cart", whom | {"items": lines, "discountPercentage": percentage})
        quote = self.bill("quote", whom | {"cartId": cart["id"], "requiresPatientVerification": False})
        sent = self.stand.wait(
            self.stand.till.http.put(f"/billing/quote/{quote['id']}", json={"status": "SENT"}, headers=clinic.billing)
        )
        assert sent.status_code == 200, sent.text
        token = token_of(services.quote_link_key, QuoteLink(self.stand.till.organization_id, UUID(quote["id"])))
        path = f"{PATH}/{token}"
        if is_accepted_first:
            self.bill("quote/respond", {"quoteId": quote["id"], "response": "accept"})
            self.bill("quote/convert-to-charge", {"quoteId": quote["id"]})
        checkout = leads_to(self.press(f"{path}/pay", "revision=1"))
        assert leads_to(self.press(f"{path}/pay", "revision=1")) == checkout
        charge_id = self.stand.get(f"/billing/quote/{quote['id']}", clinic.billing)["convertedChargeId"]
        [(payment_id,)] = self.stand.wait(
            self.stand.till.ask("SELECT id FROM payments WHERE charge_id = %s", charge_id)
        )
        self.payments.append(Sale(payment_id, quote["total"], path, charge_id, checkout))
        self.agree_all(is_told=False)

    def bill(self, what: str, body: Any) -> Any:
        answer = self.stand.post(f"/billing/{what}", self.stand.till.clinic.billing, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def press(self, path: str, form: str) -> Any:
        return self.stand.wait(self.stand.till.http.post(path, content=form, headers=FORM))

    @about(is_unpaid)
    @rule(number=numbers, is_declined=st.booleans(), is_back=st.booleans(), order=news)
    def pay(self, number: int, is_declined: bool, is_back: bool, order: str) -> None:
        sale = self.pick(number, is_unpaid)
        fields = {"expiry": "12 / 34", "cvc": "123", "email": "robin@patient.example"}
        if is_declined:
            refused = self.at_checkout(sale, fields | {"number": DECLINED_NUMBER})
            assert refused.status_code == 402
        back = leads_to(self.at_checkout(sale, fields | {"number": GOOD_NUMBER}))
        sale.captured = sale.amount
        if is_back:
            self.stand.wait(self.stand.till.http.get(back))
            sale.hear()
        self.step(sale, None, order)

    def at_checkout(self, sale: Sale, fields: dict[str, str]) -> Any:
        return self.stand.wait(self.stand.till.http.post(sale.checkout, data=fields))

    @about(is_paid)
    @rule(number=numbers, amount=changes)
    def adjust_what_is_paid(self, number: int, amount: int) -> None:
        """More is owed, or less of what is owed since: refunds of the payment go on as they were."""
        sale = self.pick(number, is_paid)
        body = {"chargeId": sale.charge_id, "amount": amount, "reason": "Counted again"}
        answer = self.stand.post("/billing/adjustment/create", self.stand.till.clinic.billing, body)
        assert answer.status_code == (200 if sale.raised + amount >= 0 else 422), answer.text
        sale.raised += amount if answer.status_code == 200 else 0
        gone = self.stand.wait(
            self.stand.till.http.delete(f"/billing/charge/{sale.charge_id}", headers=self.stand.till.clinic.billing)
        )
        assert gone.status_code == 409, gone.text
        self.agree_all(is_told=False)

    @about(is_settled)
    @rule(number=numbers)
    def pay_again(self, number: int) -> None:
        """What is paid is not paid twice, whoever taps what."""
        sale = self.pick(number, is_settled)
        again = self.press(f"{sale.path}/pay", "revision=1")
        assert "/c/pay" not in again.headers.get("Location", "")
        assert leads_to(again).endswith(sale.path)
        self.agree_all(is_told=False)

    def agree_more(self, money: Any, shown: dict[str, Any]) -> None:
        assert shown["status"] == money.status
        assert self.outstanding(money.charge_id) == money.amount - money.told[0] + money.raised
