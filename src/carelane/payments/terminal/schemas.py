"""Card payments at the desk, on the wire. Amounts are cents."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from carelane.charges.plans.schemas import PaymentPlanIn
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.money import MAX_CENTS
from carelane.kit.phi import Phi
from carelane.payments.saved.schemas import PaymentMethodOut

PaymentMedium = Literal[
    "POS", "VIRTUAL_TERMINAL", "PAYMENT_LINK", "PAYMENT_PLAN", "SUBSCRIPTION", "SAVED_PAYMENT_METHOD", "MEMBERSHIP",
    "EMBEDDED_TERMINAL", "CASH", "CHECK", "CARE_CREDIT", "PATIENT_CREDIT",
]  # fmt: skip
ChargedStatus = Literal["SUCCEEDED", "FAILED", "PROCESSING", "CANCELED"]
# By which a card is charged at the desk.
OF_CARDS = ("POS", "VIRTUAL_TERMINAL", "EMBEDDED_TERMINAL", "SAVED_PAYMENT_METHOD")
MAX_CHARGES = 50

PositiveCents = Annotated[int, Meta(ge=1, le=MAX_CENTS)]


class PayinChargeIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ChargeSummary`, of which the id counts, and what was shown as outstanding, where that is said."""

    id: RecordName
    total_outstanding: Annotated[int, Meta(ge=0, le=MAX_CENTS)] | None = None


class PayinConfigIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PayinConfigCreate`. Without `paymentAmount` all that is outstanding is paid; with it one charge after the other, as far as
    it reaches. With `paymentPlan` its `initialAmount` is, and the rest in instalments."""

    charges: Annotated[list[PayinChargeIn], Meta(min_length=1, max_length=MAX_CHARGES)]
    payment_medium: PaymentMedium
    payment_amount: PositiveCents | None = None
    save_payment_method: bool = False
    text_receipt: bool = False
    payment_plan: PaymentPlanIn | None = None
    is_surcharged: bool = False
    location_id: RecordName | None = None
    creator_id: RecordName | None = None
    membership_id: RecordName | None = None
    membership_start_date: datetime | None = None
    sold_by_provider_id: RecordName | None = None
    merchant_account_id: RecordName | None = None
    cart_id: RecordName | None = None


class PayinConfigOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PayinComponentSetupResponse`. `session_key` opens nothing here: it is the id once more."""

    session_key: str
    payin_config_id: str
    payment_methods: list[PaymentMethodOut]
    sandbox: bool


class PayinMetadataOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    payin_config_id: str
    payment_medium: PaymentMedium
    save_payment_method: bool


class ChargeCardIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ChargePaymentMethod`."""

    payin_config_id: RecordName


class ChargedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ChargePaymentMethodResponse`. `payin_id` is the payment. `status` is FAILED when the card says no, PROCESSING while the gateway
    has not said what became of it, and CANCELED when the card gave the amount and nothing of it was owed any more: it goes back."""

    payin_id: str
    amount: int
    status: ChargedStatus
    auth_code: str | None = None


def broken_rules(body: PayinConfigIn) -> Iterator[FieldProblem]:
    """What is not done with a card here, and charges that are named twice."""
    refused = (
        (not _is_of_card(body), "paymentMedium", f"expected one of {', '.join(OF_CARDS)}"),
        (body.is_surcharged, "isSurcharged", "expected false: nothing is added for cards here"),
        (body.text_receipt, "textReceipt", "expected false: no receipt is texted here"),
        (body.membership_id is not None, "membershipId", "expected none: there are no memberships here"),
        (body.cart_id is not None, "cartId", "expected none; convert the cart into a charge first"),
    )
    yield from (FieldProblem(field, problem) for is_wrong, field, problem in refused if is_wrong)
    seen: set[str] = set()
    for number, charge in enumerate(body.charges):
        if charge.id in seen:
            yield FieldProblem(f"charges[{number}].id", "expected each charge once")
        seen.add(charge.id)
    if body.payment_plan is not None:
        yield from _plan_problems(body.payment_plan, body.payment_amount)


def planned_problems(body: PayinConfigIn) -> Iterator[FieldProblem]:
    """The same where a plan is asked for."""
    if body.payment_plan is None:
        yield FieldProblem("paymentPlan", "expected a plan; without one call /billing/payment-terminal/payin-config")
    yield from broken_rules(body)


def _is_of_card(body: PayinConfigIn) -> bool:
    return body.payment_medium in OF_CARDS or (body.payment_medium == "PAYMENT_PLAN" and body.payment_plan is not None)


def _plan_problems(plan: PaymentPlanIn, amount_cents: int | None) -> Iterator[FieldProblem]:
    if not plan.initial_amount:
        problem = (
            "expected 1 or more, which is taken now; call /billing/payment-plan/create-with-charges where nothing is"
        )
        yield FieldProblem("paymentPlan.initialAmount", problem)
    elif amount_cents not in {None, plan.initial_amount}:
        yield FieldProblem("paymentAmount", f"expected {plan.initial_amount}, the plan's initialAmount, or none")
