"""Payments as staff see them, and what staff may ask. Amounts are decimal strings in the payment's currency."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.phi import Phi
from carelane.payments.refunds.schemas import RefundOut
from carelane.payments.states import AttemptKind, AttemptStatus, Method, Policy, Stage, Status, Wanted
from carelane.web.wire import uuid_string

Comment = Annotated[str, Meta(pattern=r"\S", max_length=2_000, description="Not blank; kept sealed")]
# LOOK_UP: nobody knows; look it up at the gateway once more. GIVE_UP: it will not be made; holds are released.
# PAID_ELSEWHERE: the patient paid in full some other way.
Outcome = Literal["LOOK_UP", "GIVE_UP", "PAID_ELSEWHERE"]

# Counting goes no further.
MOST_COUNTED = 1_000


class PaymentRowOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One payment. `stage` says where it stands; `failure` is one of our own words, `declineCode` the gateway's. `wanted`: what the
    decision asks for. `refundable`: what staff can still grant refunds of."""

    id: UUID
    case_id: UUID | None
    case_short_id: str | None
    charge_id: UUID | None
    method: Method
    policy: Policy
    status: Status
    stage: Stage
    wanted: Wanted | None
    is_test: bool
    currency: str
    amount: str
    captured: str
    refunded: str
    disputed: str
    refundable: str
    failure: str | None
    decline_code: str | None
    tries: int
    next_step_at: datetime | None
    decided_at: datetime | None
    paid_at: datetime | None
    canceled_at: datetime | None
    valid_until: date | None
    created_at: datetime
    updated_at: datetime


class IntentOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A gateway's own object that holds or has taken the money."""

    id: UUID
    gateway_id: str
    status: str
    amount: str
    capturable: str
    captured: str
    refunded: str
    fee: str | None
    hold_ends_at: datetime | None
    created_at: datetime
    updated_at: datetime


class PaymentAttemptOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One try to move money. `sends`: how often the same call was made."""

    id: UUID
    kind: AttemptKind
    refund_id: UUID | None
    amount: str
    status: AttemptStatus
    gateway_id: str | None
    decline_code: str | None
    failure: str | None
    sends: int
    created_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


class DisputeOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    gateway_id: str
    amount: str
    fee: str
    reason: str | None
    status: str
    opened_at: datetime
    closed_at: datetime | None


class PaymentDetailOut(PaymentRowOut, rename="camel", frozen=True, kw_only=True):
    """`resolution`: what a person said about how it ended, for those who may read cases."""

    resolution: str | None
    intents: list[IntentOut]
    attempts: list[PaymentAttemptOut]
    refunds: list[RefundOut]
    disputes: list[DisputeOut]


class PaymentPageOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Newest first. `next` is what to send as `after` for the page behind this one; null on the last."""

    payments: list[PaymentRowOut]
    next: UUID | None


class PaymentFilter(msgspec.Struct, frozen=True, kw_only=True):
    stages: list[Stage] | None = None
    case_id: UUID | None = None
    charge_id: UUID | None = None
    # True, or not asked for.
    has_failed: Literal[True] | None = None
    after: UUID | None = None


class PaymentQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The query of a list of payments as it was sent."""

    stages: list[Stage] | None
    case_id: str | None
    charge_id: str | None
    after: str | None
    limit: int

    def filter(self) -> PaymentFilter:
        """Raises InvalidRequestError."""
        return PaymentFilter(
            stages=self.stages,
            case_id=uuid_string("caseId", self.case_id),
            charge_id=uuid_string("chargeId", self.charge_id),
            after=uuid_string("after", self.after),
        )


class ResolveIn(Phi, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a payment ended that nobody but a person can tell."""

    outcome: Outcome
    comment: Comment


class PaymentMoverOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    who: Literal["CARELANE", "PATIENT", "STAFF", "STOREFRONT"]
    how: str


class PaymentWhyOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Why a payment stands where it stands. `since`: when it last moved. `nextAt` is null where nothing happens by itself."""

    payment_id: UUID
    status: Status
    stage: Stage
    waits_for: str
    since: datetime
    failure: str | None
    decline_code: str | None
    next: str
    next_at: datetime | None
    who_can_move_it: list[PaymentMoverOut]
