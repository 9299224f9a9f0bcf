"""A kept card charged at the desk, for one charge or several at once, and pay links, beside cash, credit and whatever goes back."""

from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.factories.rows import update_row
from tests.payment_page.patient import leads_to
from tests.payment_page.world import DECLINED_NUMBER, GOOD_NUMBER
from tests.payments.desk_world import PAYIN, TERMINAL
from tests.payments.models.desk import Desk, Owed
from tests.payments.models.giving_back import GivingBack
from tests.payments.models.machine import CODES, amounts, faults, news, shares
from tests.payments.models.money import Money
from tests.quote_page.cast import RIGHT

MOST_PAID = 6
numbers = st.integers(0, 1_000)
answers = st.sampled_from([None, None, None, "SOFT", "HARD", "PATIENT"])
# What is paid of a charge while its patient is on the gateway's page: nothing, a part, or all of it, in cash or by card.
meanwhiles = st.sampled_from([None, None, "part", "all", "card"])
WAITING = "SELECT id FROM payments WHERE charge_id = %s AND policy = 'on_page' ORDER BY created_at DESC LIMIT 1"


class CardMoney(Money):
    """`is_over`: nobody pays it any more. `more`: what was paid beyond what was owed; it goes back first."""

    is_over = False
    more = 0

    @property
    def written_off_less(self) -> int:
        """What the bank took for good of what nothing was sold for."""
        is_lost = self.dispute is not None and self.dispute[1] == "lost"
        return min(self.disputed, max(self.more - self.refunded, 0)) if is_lost else 0

    @property
    def status(self) -> str:
        return "CANCELED" if self.is_over and not self.captured else super().status


class Cards(Desk, GivingBack):
    @initialize(prices=st.lists(amounts, min_size=2, max_size=2))
    def begin(self, prices: list[int]) -> None:
        """Two charges, of one of which a part is paid, and a patient with a card, who can be asked who they are."""
        till = self.stand.till
        here = (till.services, till.organization_id, "patients", UUID(self.patient))
        self.stand.wait(update_row(*here, date_of_birth=date(1985, 3, 27)))
        kept = {"paymentMethodId": till.saved_card()}
        answer = self.post(f"/user/patient/payment-methods/create?patient_id={self.patient}", kept)
        assert answer.status_code == 200, answer.text
        self.card = answer.json()["id"]
        for price in prices:
            self.sell_at_desk([price])
        self.charge_card(0, 1, 40, None, None, "in order")

    # ------------------------------------------------------------ at the desk

    @precondition(lambda self: self.can_pay())
    @rule(
        number=numbers, count=st.integers(1, 3), share=shares, fault=faults, says=answers, order=news,
    )  # fmt: skip
    def charge_card(self, number: int, count: int, share: int, fault: str | None, says: str | None, order: str) -> None:
        """One charge after the other is paid, as far as the share of all reaches."""
        charges = self.chosen(number, count)
        cents = -(-sum(one.owed for one in charges) * share // 100)
        body = {
            "charges": [{"id": one.row["id"]} for one in charges],
            "paymentMedium": "VIRTUAL_TERMINAL",
            "paymentAmount": cents,
        }
        config = self.good(PAYIN, body)["payinConfigId"]
        till, bank = self.stand.till, self.stand.bank
        if fault is not None:
            bank.fail_next("*", fault, 1, till.key)
        elif says is not None:
            bank.fail_next("payment_intents.create", CODES[says], 1, till.key)
        answer = self.pay(config)
        bank.control("faults", method="DELETE")
        is_taken = fault != "server_error" if fault else says is None
        expected = "PROCESSING" if fault else "SUCCEEDED" if is_taken else "FAILED"
        assert (answer["status"], answer["amount"]) == (expected, cents), (fault, says)
        money = CardMoney(UUID(answer["payinId"]), cents)
        self.payments.append(money)
        if not fault:
            self.charged(money, charges, is_taken=is_taken)
        elif order == "early":
            # The worker looks it up first, and then comes the news.
            self.stand.step(money.payment_id)
        if fault:
            self.stand.work(money.payment_id)
            self.charged(money, charges, is_taken=is_taken)
        self.step(money, None, order)
        again = self.pay(config)
        assert (again["payinId"], again["status"]) == (answer["payinId"], "SUCCEEDED" if is_taken else "FAILED")
        self.agree_all(is_told=False)

    def charged(self, money: CardMoney, charges: list[Owed], *, is_taken: bool) -> None:
        money.is_over = not is_taken
        money.captured = money.amount if is_taken else 0
        money.hear()
        left = money.captured
        for charge in charges:
            part = min(charge.owed, left)
            charge.owed -= part
            left -= part
        assert not left

    # ------------------------------------------------------------ by the link

    @precondition(lambda self: self.can_pay())
    @rule(
        number=numbers, meanwhile=meanwhiles, is_pressed_again=st.booleans(), is_declined=st.booleans(),
        is_back=st.booleans(), order=news,
    )  # fmt: skip
    def pay_by_link(
        self, number: int, meanwhile: str | None, is_pressed_again: bool, is_declined: bool, is_back: bool, order: str
    ) -> None:
        """All that is owed of one charge. What is paid at the desk meanwhile is not paid twice, unless the patient insists."""
        [charge] = self.chosen(number, 1)
        path = self.bill()
        checkout = leads_to(self.press(path, charge))
        assert leads_to(self.press(path, charge)) == checkout
        money = self.promised(charge)
        if meanwhile == "card":
            owing = [one for one in self.owing if one.owed]
            self.charge_card(owing.index(charge), 1, 100, None, None, "in order")
        elif meanwhile is not None:
            self.pay_in_cash(self.owing.index(charge), 100 if meanwhile == "all" else 50, 0)
        if is_pressed_again and charge.owed != money.amount:
            again = leads_to(self.press(path, charge))
            assert "/c/pay" in again if charge.owed else again.endswith(path)
            if charge.owed:
                assert self.at_checkout(checkout).status_code == 410
                money.is_over = True
                checkout, money = again, self.promised(charge)
        if is_declined:
            assert self.at_checkout(checkout, DECLINED_NUMBER).status_code == 402
        self.paid_there(money, charge, leads_to(self.at_checkout(checkout)), order if is_back else "in order", is_back)

    def paid_there(self, money: CardMoney, charge: Owed, back: str, order: str, is_back: bool) -> None:
        """What is more than is owed goes back by itself."""
        money.captured, money.is_over = money.amount, not charge.owed
        money.refunded = max(money.amount - charge.owed, 0)
        if is_back:
            self.stand.wait(self.stand.till.http.get(back))
        else:
            self.stand.tell(order)
        money.more = max(money.amount - charge.owed, 0)
        charge.owed = max(charge.owed - money.amount, 0)
        self.stand.work(money.payment_id)
        money.hear()
        self.step(money, None, order)

    def promised(self, charge: Owed) -> CardMoney:
        """The payment of all that is owed, which waits."""
        [(payment_id,)] = self.stand.wait(self.stand.till.ask(WAITING, charge.row["id"]))
        money = CardMoney(payment_id, charge.owed)
        self.payments.append(money)
        return money

    def bill(self) -> str:
        """The path of the patient's bill, to whoever has shown that they are the patient."""
        links = self.stand.get(f"/billing/payment-link/{self.patient}", self.stand.till.clinic.billing)
        path = urlsplit(links[0]["paymentLink"]).path
        verified = self.stand.wait(self.stand.till.http.post(f"{path}/verify", data=RIGHT))
        assert verified.status_code == 303, verified.text
        return path

    def press(self, path: str, charge: Owed) -> Any:
        return self.stand.wait(self.stand.till.http.post(f"{path}/pay", data={"charge": charge.row["id"]}))

    def at_checkout(self, checkout: str, number: str = GOOD_NUMBER) -> Any:
        fields = {"number": number, "expiry": "12 / 34", "cvc": "123", "email": "robin@patient.example"}
        return self.stand.wait(self.stand.till.http.post(checkout, data=fields))

    # ------------------------------------------------------------ the model

    def can_pay(self) -> bool:
        return len(self.payments) < MOST_PAID and any(one.owed for one in self.owing)

    def chosen(self, number: int, count: int) -> list[Owed]:
        """Some of those of which something is owed."""
        owing = [one for one in self.owing if one.owed]
        first = number % len(owing)
        return (owing[first:] + owing[:first])[:count]

    def pay(self, config: str) -> Any:
        return self.good(f"{TERMINAL}/charge-card/{self.card}", {"payinConfigId": config})

    def good(self, path: str, body: Any) -> Any:
        answer = self.post(path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def beside(self, code: str) -> int:
        return super().beside(code) - sum(one.written_off_less for one in self.payments if code == "write-offs")

    def agree_more(self, money: Any, shown: dict[str, Any]) -> None:
        assert shown["status"] == money.status, shown

    def agree_all(self, *, is_told: bool) -> None:
        super().agree_all(is_told=is_told)
        self.agree_at_desk()
