"""What both machines have in common: refunds, disputes, the gateway's faults and news, and agreement after every step."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition

from carelane.kit.money import decimal_string
from carelane.payments.invariants.reads import check_money
from tests.ledger import hledger
from tests.payments.checks.stranger import by_gateway, journal_of
from tests.payments.models.money import Money
from tests.payments.models.stand import Stand

amounts = st.integers(50, 250_000)
# What the bank says when a saved card is charged.
CODES = {"SOFT": "insufficient_funds", "HARD": "stolen_card", "PATIENT": "authentication_required"}
# Mostly none.
faults = st.sampled_from(
    [None] * 6 + ["lost_answer", "lost_before", "conflict", "server_error", "server_error_after", "rate_limited"]
)
# When the webhooks of a step come: before its answer is looked at, after, reversed, twice, with those of a later step, or never,
# so that the reconciler reads what happened.
news = st.sampled_from(["early", "in order", "in order", "reversed", "twice", "late", "never"])
shares = st.integers(1, 100)
waits = st.sampled_from(
    [timedelta(hours=1), timedelta(days=1), timedelta(days=2), timedelta(days=5), timedelta(days=8)]
)


def about(is_meant: Callable[[Any], bool]) -> Any:
    """A rule that is only chosen while there is a payment that it is about."""
    return precondition(lambda machine: any(is_meant(money) for money in machine.payments))


class Paying(RuleBasedStateMachine):
    """`payments` is the model; `references` are intents that came with a payment."""

    open_stand: ClassVar[Callable[[], Stand]]

    def __init__(self) -> None:
        super().__init__()
        self.stand = type(self).open_stand()
        self.payments: list[Any] = []
        self.references: dict[Any, str] = {}

    def teardown(self) -> None:
        """Whatever was never told is read by the reconciler; then nothing is wrong anywhere."""
        self.stand.read_all()
        for money in self.payments:
            self.stand.work(money.payment_id)
            money.worked(self.stand.now(), None)
            money.hear()
            self.agree(money)
        till = self.stand.till
        findings = self.stand.moved(check_money(till.services, till.actor))
        assert not findings, [finding.line() for finding in findings]
        journal = self.stand.wait(journal_of(till))
        hledger.check(journal)
        sums = hledger.dollars_by_code(journal)
        for code, cents in by_gateway(till).items():
            assert sums.get(code, Decimal(0)) == Decimal(cents + self.beside(code)) / 100, code

    def beside(self, code: str) -> int:  # noqa: ARG002 - the counter looks at it
        """What stands in an account that the gateway knows nothing of."""
        return 0

    # ------------------------------------------------------------ one step

    def step(self, money: Money, fault: str | None, order: str, says: str | None = None) -> None:
        """`says`: SOFT, HARD or PATIENT. The worker's part after an act, with one call that fails, and the news of it."""
        bank, till = self.stand.bank, self.stand.till
        if fault is not None:
            bank.fail_next("*", fault, 1, till.key)
        elif says is not None:
            bank.fail_next("payment_intents.create", CODES[says], 1, till.key)
        if order == "early":
            self.stand.step(money.payment_id)
            self.stand.tell("in order")
        self.stand.work(money.payment_id)
        bank.control("faults", method="DELETE")
        money.worked(self.stand.now(), says)
        if order != "early":
            self.stand.tell(order)
            self.stand.work(money.payment_id)
        self.agree_all(is_told=order != "late")

    def agree_all(self, *, is_told: bool) -> None:
        for money in self.payments:
            if is_told:
                money.hear()
            self.agree(money)

    def agree(self, money: Money) -> None:
        shown = self.stand.payment(money.payment_id)
        there = self.stand.truth(money.payment_id, self.references.get(money.payment_id))
        assert there == money.truth()[:3], f"at the gateway {there}, by the model {money.truth()}: {shown}"
        cents = tuple(decimal_string(each, "USD") for each in money.told[:3])
        assert (shown["captured"], shown["refunded"], shown["disputed"]) == cents, shown
        self.agree_more(money, shown)

    def agree_more(self, money: Money, shown: dict[str, Any]) -> None:
        raise NotImplementedError

    def outstanding(self, charge_id: str) -> int:
        till = self.stand.till
        shown = self.stand.get(f"/billing/charge/get/{charge_id}", till.clinic.billing)
        return shown["totalOutstanding"]

    def pick(self, number: int, wanted: Callable[[Any], bool] = lambda _: True) -> Any:
        found = [money for money in self.payments if wanted(money)]
        return found[number % len(found)] if found else None

    def taken_intent(self, money: Money) -> str:
        for one in self.stand.bank.objects("payment_intent", self.stand.till.key):
            is_ours = one["metadata"].get("carelane_payment") == str(money.payment_id)
            if one["status"] == "succeeded" and (is_ours or one["id"] == self.references.get(money.payment_id)):
                return one["id"]
        raise AssertionError("no intent was captured")

    # ------------------------------------------------------------ refunds

    def grant(self, money: Money, share: int) -> None:
        promised = sum(money.granted.values())
        most = money.told_left - promised
        cents = max(most * share // 100, 1)
        path, headers = f"/api/staff/payments/{money.payment_id}/refunds", self.stand.till.manager.headers
        answer = self.stand.post(path, headers, {"amount": decimal_string(cents, "USD")})
        if money.is_told_disputed or most <= 0:
            assert answer.status_code == 409, answer.text
            return
        assert answer.status_code == 200, answer.text
        money.granted[answer.json()["id"]] = cents

    def send(self, money: Money, number: int, fault: str | None, order: str) -> None:
        if not money.granted:
            return
        refund_id = list(money.granted)[number % len(money.granted)]
        cents = money.granted[refund_id]
        answer = self.stand.post(f"/api/staff/refunds/{refund_id}/send", self.stand.till.manager.headers)
        if money.is_told_disputed or cents > money.told_left:
            assert answer.status_code == 409, answer.text
            return
        assert answer.status_code == 200, answer.text
        del money.granted[refund_id]
        # What is left is read just before: what happened at the gateway meanwhile counts.
        money.hear_intent()
        is_possible = not money.is_disputed and cents <= money.left
        money.refunded += cents if is_possible else 0
        money.hear_intent()
        self.step(money, fault, order)
        [shown] = [one for one in self.stand.payment(money.payment_id)["refunds"] if one["id"] == refund_id]
        assert shown["status"] == ("SUCCEEDED" if is_possible else "FAILED"), shown

    def cancel(self, money: Money, number: int) -> None:
        if not money.granted:
            return
        refund_id = list(money.granted)[number % len(money.granted)]
        answer = self.stand.post(f"/api/staff/refunds/{refund_id}/cancel", self.stand.till.manager.headers)
        assert answer.status_code == 200, answer.text
        del money.granted[refund_id]
        again = self.stand.post(f"/api/staff/refunds/{refund_id}/send", self.stand.till.manager.headers)
        assert again.status_code == 409

    def refund_there(self, money: Money, share: int, order: str) -> None:
        """In the gateway's dashboard."""
        if money.left <= 0 or money.dispute is not None:
            return
        cents = max(money.left * share // 100, 1)
        self.stand.till.stripe.v1.refunds.create({"payment_intent": self.taken_intent(money), "amount": cents})
        money.refunded += cents
        self.step(money, None, order)

    # ------------------------------------------------------------ disputes

    def open_dispute(self, money: Money, order: str) -> None:
        if money.left <= 0 or money.dispute is not None:
            return
        made = self.stand.bank.dispute(self.taken_intent(money))
        money.dispute, money.disputed = (made["id"], "open"), made["amount"]
        assert made["amount"] == money.captured - money.refunded
        self.step(money, None, order)

    def close_dispute(self, money: Money, outcome: str, order: str) -> None:
        if not money.is_disputed:
            return
        assert money.dispute is not None
        self.stand.bank.close_dispute(money.dispute[0], outcome)
        money.dispute = (money.dispute[0], outcome)
        money.disputed = 0 if outcome == "won" else money.disputed
        self.step(money, None, order)
