"""Cases with a saved card, a hold or the storefront's own captured intent: approved, rejected, archived, opened again."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.payments.models.machine import Paying, about, amounts, faults, news, waits
from tests.payments.models.money import CaseMoney
from tests.payments.models.sales import MOST, numbers

answers = st.sampled_from([None, None, "SOFT", "HARD", "PATIENT"])
ways = st.sampled_from(["saved", "saved", "held", "captured"])


class Cases(Paying):
    @initialize(way=ways, amount=amounts)
    def begin(self, way: str, amount: int) -> None:
        """Two cases, one of which comes with a saved card."""
        self.create("saved", amount)
        self.create(way, amount)

    @precondition(lambda self: len(self.payments) < MOST)
    @rule(way=ways, amount=amounts)
    def create(self, way: str, amount: int) -> None:
        till = self.stand.till
        made = {"saved": till.saved_card, "held": lambda: till.held(amount), "captured": lambda: till.intent(amount)}
        reference = made[way]()
        payment = self.stand.wait(till.case(reference, amount))
        money = CaseMoney(payment.id, amount)
        if way != "saved":
            self.references[payment.id] = reference
        if way == "held":
            [charge] = [
                one for one in self.stand.bank.objects("charge", till.key) if one["payment_intent"] == reference
            ]
            ends = charge["payment_method_details"]["card"]["capture_before"]
            money.hold_ends = datetime.fromtimestamp(ends, UTC)
        money.captured = amount if way == "captured" else 0
        self.payments.append(money)
        self.step(money, None, "in order")

    @about(lambda case: case.decision is None and not case.is_archived)
    @rule(
        number=numbers,
        outcome=st.sampled_from(["APPROVED", "APPROVED", "REJECTED"]),
        fault=faults,
        order=news,
        answer=answers,
    )
    def decide(self, number: int, outcome: str, fault: str | None, order: str, answer: str | None) -> None:
        money = self.pick(number, lambda case: case.decision is None and not case.is_archived)
        assert self.decided(money, outcome) == 200
        money.decide(outcome, self.stand.now())
        self.go_on(money, fault, order, answer)

    @about(lambda case: case.decision is not None or case.is_archived)
    @rule(number=numbers)
    def decide_again(self, number: int) -> None:
        money = self.pick(number, lambda case: case.decision is not None or case.is_archived)
        assert self.decided(money, "APPROVED") == 409
        self.agree_all(is_told=False)

    def decided(self, money: CaseMoney, outcome: str) -> int:
        till = self.stand.till
        desk = till.desk(self.stand.row(money.payment_id))
        self.stand.wait(desk.act(till.clinician, "start"))
        return self.stand.wait(desk.act(till.clinician, "decide", till.approval(outcome))).status_code

    @rule(number=numbers, fault=faults, order=news)
    def close(self, number: int, fault: str | None, order: str) -> None:
        money = self.pick(number)
        if self.changed(money, "CLOSE", is_possible=not money.is_archived):
            money.close(self.stand.now())
            self.go_on(money, fault, order, None)

    @rule(number=numbers, fault=faults, order=news, answer=answers)
    def reopen(self, number: int, fault: str | None, order: str, answer: str | None) -> None:
        money = self.pick(number)
        if self.changed(money, "REOPEN", is_possible=money.is_archived):
            money.reopen(self.stand.now())
            self.go_on(money, fault, order, answer)

    def changed(self, money: CaseMoney, status: str, *, is_possible: bool) -> bool:
        till, row = self.stand.till, self.stand.row(money.payment_id)
        body = {"action": "CHANGE_CASE_STATUS", "status": status}
        answer = self.stand.post(f"/api/v1/cases/{row.case_id}", till.clinic.key, body)
        assert (answer.status_code == 200) == is_possible, answer.text
        return is_possible

    @about(lambda case: case.stage in {"NEEDS_CARD", "DUE"})
    @rule(number=numbers, fault=faults, order=news, answer=answers)
    def give_another_card(self, number: int, fault: str | None, order: str, answer: str | None) -> None:
        money = self.pick(number, lambda case: case.stage in {"NEEDS_CARD", "DUE"})
        till = self.stand.till
        self.stand.wait(till.give_card(self.stand.row(money.payment_id), till.saved_card()))
        money.give_card()
        self.go_on(money, fault, order, answer)

    @about(lambda case: case.stage == "NEEDS_PATIENT" and not case.captured)
    @rule(number=numbers, order=news)
    def confirm(self, number: int, order: str) -> None:
        """The patient, at the bank: the same intent."""
        money = self.pick(number, lambda case: case.stage == "NEEDS_PATIENT" and not case.captured)
        till = self.stand.till
        intent = till.intents(self.stand.row(money.payment_id))[-1]
        till.stripe.v1.payment_intents.confirm(intent["id"], {"payment_method": "pm_card_visa"})
        money.captured, money.decline = money.amount, None
        self.go_on(money, None, order, None)

    @rule(by=waits, order=news)
    def wait(self, by: timedelta, order: str) -> None:
        self.stand.advance(by)
        for money in self.payments:
            self.stand.work(money.payment_id)
            money.worked(self.stand.now(), None)
        self.stand.tell(order if order != "early" else "in order")
        self.agree_all(is_told=order != "late")

    def go_on(self, money: CaseMoney, fault: str | None, order: str, answer: str | None) -> None:
        self.stand.wait(self.stand.dated())
        self.step(money, fault, order, None if fault else answer)

    def agree_more(self, money: CaseMoney, shown: dict[str, Any]) -> None:
        if money.told != money.truth():
            return
        assert (shown["stage"], shown["status"]) == (money.stage, money.status), shown
        if money.wanted == "TAKE" and not money.refunded:
            assert self.outstanding(shown["chargeId"]) == money.amount - money.captured
        if money.status == "CANCELED":
            assert shown["chargeId"] is None
