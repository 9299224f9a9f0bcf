"""Payment plans beside cash, adjustments, cards that are lost and cancellations: what is scheduled, with what waits for a card, comes
to what is owed, as far as it was agreed on."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from carelane.payments.invariants.reads import check_money
from tests.payments.models.stand import Stand
from tests.payments.plan_world import PlanDesk, terms

MOST = 3
numbers = st.integers(0, 1_000)
OF_CHARGE = "SELECT plan_id FROM payment_plan_charges WHERE charge_id = %s"


class Agreed:
    """The plain model. `open`: what waits for another card; `agreed`: for the instalments that are not begun."""

    def __init__(self, charge: str, plan: UUID, owed: int, agreed: list[int]) -> None:
        self.charge, self.plan, self.owed, self.agreed = charge, plan, owed, agreed
        self.scheduled, self.open, self.taken, self.in_cash, self.status = list(agreed), 0, 0, 0, "RUNNING"
        self.agreed_of_open = 0

    def fit(self) -> None:
        """As people would say it: one after the other as agreed, until nothing is left."""
        if self.status != "RUNNING":
            return
        left, before = max(self.owed - self.open, 0), [sum(self.agreed[:n]) for n in range(len(self.agreed))]
        amounts = [min(most, max(left - sooner, 0)) for most, sooner in zip(self.agreed, before, strict=True)]
        self.scheduled = [cents for cents in amounts if cents]
        if not self.owed or not (self.open or self.scheduled):
            self.status, self.scheduled = "ENDED", []


class Plans(RuleBasedStateMachine):
    open_stand: ClassVar[Callable[[], Stand]]

    def __init__(self) -> None:
        super().__init__()
        self.stand = type(self).open_stand()
        self.desk = PlanDesk(self.stand.till)
        self.card = self.wait(self.desk.card())
        self.plans: list[Agreed] = []

    def wait(self, coroutine: Any) -> Any:
        return self.stand.moved(coroutine)

    def one(self, number: int) -> Agreed:
        return self.plans[number % len(self.plans)]

    @precondition(lambda self: len(self.plans) < MOST)
    @rule(
        owed=st.integers(100, 250_000),
        count=st.integers(1, 5),
        frequency=st.sampled_from(["WEEKLY", "BIWEEKLY", "MONTHLY"]),
    )
    def agree_on_a_plan(self, owed: int, count: int, frequency: str) -> None:
        charge, each = self.wait(self.desk.charge(owed)), owed // count
        more = {"frequency": frequency, "installments": count, "installmentAmount": each}
        plan = self.wait(self.desk.plan(self.card, charge, **more))
        scheduled = [each] * (count - 1) + [owed - each * (count - 1)]
        self.plans.append(Agreed(charge, plan, owed, scheduled))
        self.agree()

    @precondition(lambda self: len(self.plans) < MOST)
    @rule(owed=st.integers(100, 250_000), count=st.integers(1, 5), share=st.integers(1, 90), is_lost=st.booleans())
    def a_card_payment_at_the_desk_begins_a_plan(self, owed: int, count: int, share: int, is_lost: bool) -> None:
        charge, initial = self.wait(self.desk.charge(owed)), -(-owed * share // 100)
        rest, each = owed - initial, (owed - initial) // count
        if is_lost:
            self.stand.till.fail("payment_intents.create", "lost_card")
        agreed = terms(initialAmount=initial, installments=count, installmentAmount=each)
        body = {"charges": [{"id": charge}], "paymentMedium": "POS", "paymentPlan": agreed}
        config = self.wait(self.desk.good("POST", "/billing/payment-plan/payin-config", body))["payinConfigId"]
        self.wait(self.desk.paid(self.card, config, "FAILED" if is_lost else "SUCCEEDED"))
        [(plan,)] = self.wait(self.stand.till.ask(OF_CHARGE, charge))
        scheduled = [each] * (count - 1) + [rest - each * (count - 1)]
        self.plans.append(Agreed(charge, plan, owed if is_lost else rest, scheduled))
        if is_lost:
            self.plans[-1].status, self.plans[-1].scheduled = "CANCELED", []
        else:
            self.plans[-1].taken = initial
        self.agree()

    @precondition(lambda self: self.plans)
    @rule(number=numbers, is_lost=st.sampled_from([False, False, True]))
    def an_instalments_day_comes(self, number: int, is_lost: bool) -> None:
        plan = self.one(number)
        self.wait(self.desk.come_due(plan.plan))
        if is_lost and plan.scheduled and not plan.open and plan.status == "RUNNING":
            self.stand.till.fail("payment_intents.create", "lost_card")
        self.wait(self.desk.look(plan.plan))
        if plan.scheduled and not plan.open and plan.status == "RUNNING":
            cents, plan.agreed_of_open = plan.scheduled.pop(0), plan.agreed.pop(0)
            payment = self.wait(self.desk.open(plan.plan))
            self.stand.work(payment.id)
            plan.open = cents if is_lost else 0
            self.bring(plan, 0 if is_lost else cents)
        self.agree()

    @precondition(lambda self: any(plan.open for plan in self.plans))
    @rule(number=numbers)
    def the_patient_gives_another_card(self, number: int) -> None:
        waiting = [plan for plan in self.plans if plan.open]
        plan = waiting[number % len(waiting)]
        till = self.stand.till
        payment = self.wait(self.desk.open(plan.plan))
        self.wait(till.give_card(payment, till.saved_card("pm_card_mastercard")))
        self.stand.work(payment.id)
        cents, plan.open = plan.open, 0
        if cents <= plan.owed:
            self.bring(plan, cents)
        else:
            # It was for more than is owed by now, and is begun anew for the rest.
            plan.agreed.insert(0, plan.agreed_of_open)
            plan.fit()
        self.agree()

    @precondition(lambda self: self.plans)
    @rule(number=numbers, share=st.integers(1, 100))
    def somebody_pays_in_cash(self, number: int, share: int) -> None:
        plan = self.one(number)
        cents = max(plan.owed * share // 100, 1)
        answer = self.wait(self.desk.cash(plan.charge, cents))
        assert answer.status_code == (200 if plan.owed else 409), answer.text
        plan.in_cash += cents if plan.owed else 0
        plan.owed -= cents if plan.owed else 0
        self.fit(plan)
        self.agree()

    @precondition(lambda self: self.plans)
    @rule(number=numbers, cents=st.integers(-50_000, 50_000).filter(bool))
    def what_is_owed_is_adjusted(self, number: int, cents: int) -> None:
        plan = self.one(number)
        if plan.owed and plan.owed + cents >= 0:
            body = {"chargeId": plan.charge, "amount": cents, "reason": "Counted again"}
            answer = self.wait(self.desk.ask("POST", "/billing/adjustment/create", body))
            assert answer.status_code == 200, answer.text
            plan.owed += cents
            self.fit(plan)
        self.agree()

    @precondition(lambda self: self.plans)
    @rule(number=numbers)
    def the_plan_is_canceled(self, number: int) -> None:
        plan = self.one(number)
        answer = self.wait(self.desk.cancel(plan.charge))
        assert answer.status_code == (200 if plan.status == "RUNNING" else 409), answer.text
        if plan.status == "RUNNING":
            plan.status, plan.scheduled = "CANCELED", []
            self.withdraw(plan)
        self.agree()

    # ------------------------------------------------------------ the model

    def bring(self, plan: Agreed, cents: int) -> None:
        plan.owed -= cents
        plan.taken += cents
        self.fit(plan)

    def fit(self, plan: Agreed) -> None:
        plan.fit()
        if plan.status == "ENDED":
            self.withdraw(plan)

    def withdraw(self, plan: Agreed) -> None:
        """What waits for a card waits no more."""
        if plan.open:
            payment = self.wait(self.desk.open(plan.plan))
            self.wait(self.desk.look(plan.plan))
            self.stand.work(payment.id)
            plan.open = 0

    def agree(self) -> None:
        for plan in self.plans:
            assert self.wait(self.desk.stands(plan.plan)) == plan.status
            assert self.wait(self.desk.amounts(plan.plan)) == plan.scheduled
            status = "PAYMENT_PLAN" if plan.status == "RUNNING" else "OUTSTANDING"
            paid = "EXTERNAL_SETTLEMENT" if plan.in_cash and not plan.taken else "PAID"
            assert self.wait(self.desk.owed(plan.charge)) == (status if plan.owed else paid, plan.owed)
        received = sum(one["amount_received"] for one in self.stand.till.intents())
        assert received == sum(plan.taken for plan in self.plans)
        till = self.stand.till
        findings = self.wait(check_money(till.services, till.actor))
        assert not findings, [finding.line() for finding in findings]
