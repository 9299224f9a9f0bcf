"""What goes back of payments by card: granted, sent or canceled by staff, refunded in the gateway's dashboard, disputed at the bank."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.payments.models.machine import Paying, about, faults, news, shares
from tests.payments.models.money import Money

numbers = st.integers(0, 1_000)


def is_paid(sale: Money) -> bool:
    return sale.told[0] > 0


def is_granted(sale: Money) -> bool:
    return bool(sale.granted)


def is_disputable(sale: Money) -> bool:
    return sale.left > 0 and sale.dispute is None


def is_disputed(sale: Money) -> bool:
    return sale.is_disputed


class GivingBack(Paying):
    @about(is_paid)
    @rule(number=numbers, share=shares)
    def grant_refund(self, number: int, share: int) -> None:
        money = self.pick(number, is_paid)
        self.grant(money, share)
        self.agree_all(is_told=False)

    @about(is_granted)
    @rule(number=numbers, which=numbers, fault=faults, order=news)
    def send_refund(self, number: int, which: int, fault: str | None, order: str) -> None:
        money = self.pick(number, is_granted)
        self.send(money, which, fault, order)

    @about(is_granted)
    @rule(number=numbers, which=numbers)
    def cancel_refund(self, number: int, which: int) -> None:
        money = self.pick(number, is_granted)
        self.cancel(money, which)
        self.agree_all(is_told=False)

    @about(is_disputable)
    @rule(number=numbers, share=shares, order=news)
    def refund_in_the_dashboard(self, number: int, share: int, order: str) -> None:
        money = self.pick(number, is_disputable)
        self.refund_there(money, share, order)

    @about(is_disputable)
    @rule(number=numbers, order=news)
    def dispute(self, number: int, order: str) -> None:
        money = self.pick(number, is_disputable)
        self.open_dispute(money, order)

    @about(is_disputed)
    @rule(number=numbers, outcome=st.sampled_from(["won", "lost"]), order=news)
    def end_dispute(self, number: int, outcome: str, order: str) -> None:
        money = self.pick(number, is_disputed)
        self.close_dispute(money, outcome, order)
