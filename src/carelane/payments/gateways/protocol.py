"""What every gateway can do, in the gateway-independent words that the rest of Carelane knows.

Amounts are integers in the currency's own smallest unit (`kit.money`), currencies ISO 4217 in upper case, times aware UTC. A key
is the attempt's id: the same key never acts twice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from carelane.kit.phi import Phi

IntentStatus = Literal[
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "processing",
    "requires_capture",
    "succeeded",
    "canceled",
]
SetupStatus = Literal[
    "requires_payment_method", "requires_confirmation", "requires_action", "processing", "succeeded", "canceled"
]
RefundStatus = Literal["pending", "requires_action", "succeeded", "failed", "canceled"]
DisputeStatus = Literal["OPEN", "WON", "LOST"]
ObjectKind = Literal["intent", "setup", "refund", "dispute", "charge", "checkout", "other"]
BalanceKind = Literal["charge", "refund", "dispute", "fee", "payout", "other"]


class Setup(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A card that may be kept: Stripe's SetupIntent. `is_off_session`: it was set up to be charged when nobody is there."""

    id: str
    status: SetupStatus
    is_test: bool
    customer_id: str | None
    method_id: str | None
    client_secret: str | None
    is_off_session: bool = True


class Intent(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Money that is held or taken: Stripe's PaymentIntent, with its latest charge.

    `captured_cents`, `refunded_cents` and `disputed_cents` are sums over its charges. `attempt_id` and `payment_id` are those that
    we wrote into its metadata. `action_url`: where the patient proves who they are, while `requires_action`.
    """

    id: str
    status: IntentStatus
    is_test: bool
    amount_cents: int
    capturable_cents: int
    captured_cents: int
    refunded_cents: int
    is_disputed: bool
    fee_cents: int | None
    currency: str
    customer_id: str | None
    method_id: str | None
    hold_ends_at: datetime | None
    decline_code: str | None
    # The method of the last try that failed: the same intent can be confirmed with it once more, by the patient.
    failed_method_id: str | None
    cancellation_reason: str | None
    action_url: str | None
    client_secret: str | None
    attempt_id: UUID | None
    payment_id: UUID | None
    created_at: datetime


class Refund(Phi, msgspec.Struct, frozen=True, kw_only=True):
    id: str
    status: RefundStatus
    amount_cents: int
    currency: str
    intent_id: str | None
    failure: str | None
    attempt_id: UUID | None
    created_at: datetime


class Dispute(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """`taken_cents` and `fee_cents` are what the gateway's balance says it took for it, less what it gave back."""

    id: str
    status: DisputeStatus
    intent_id: str | None
    amount_cents: int
    taken_cents: int
    fee_cents: int
    currency: str
    reason: str | None
    created_at: datetime


class Checkout(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A page of the gateway's where the patient enters a card."""

    id: str
    url: str | None
    is_complete: bool
    is_expired: bool
    setup_id: str | None
    intent_id: str | None
    attempt_id: UUID | None


class GatewayEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A hint that an object changed. `happened_at` has whole seconds."""

    id: str
    type: str
    is_test: bool
    object_kind: ObjectKind
    object_id: str
    intent_id: str | None
    attempt_id: UUID | None
    happened_at: datetime


class BalanceLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the gateway's own account of its balance; `amount_cents` is signed, `net_cents` what is left of it after the fee."""

    id: str
    kind: BalanceKind
    amount_cents: int
    fee_cents: int
    net_cents: int
    currency: str
    intent_id: str | None
    refund_id: str | None
    dispute_id: str | None
    happened_at: datetime


class CardDetails(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What may be shown of a card."""

    brand: str | None
    last4: str | None
    exp_month: int | None = None
    exp_year: int | None = None


class Gateway(Protocol):
    """An organization's account with a gateway. Each method is one or a few calls; none is made inside a transaction.

    All raise OutcomeUnknownError, GatewayBusyError, RefusedByGatewayError; those that move money DeclinedError too.
    """

    is_test: bool

    async def create_customer(self, *, key: UUID, email: str | None, patient_id: UUID) -> str: ...

    async def attach_method(self, *, method_id: str, customer_id: str) -> str:
        """Makes a method that was set up without a customer that customer's, so that it can be charged. Answers whose it is now:
        another's, where it was somebody's before. Twice is once."""
        ...

    async def create_setup(self, *, key: UUID, customer_id: str | None, metadata: dict[str, str]) -> Setup:
        """For a card that is charged later, when nobody is there (`usage=off_session`)."""
        ...

    async def create_intent(
        self,
        *,
        key: UUID,
        amount_cents: int,
        currency: str,
        customer_id: str | None,
        holds: bool,
        method_types: Sequence[str],
        metadata: dict[str, str],
    ) -> Intent:
        """To be confirmed by the patient. `holds`: captured later."""
        ...

    async def charge_off_session(
        self,
        *,
        attempt_id: UUID,
        payment_id: UUID,
        amount_cents: int,
        currency: str,
        customer_id: str,
        method_id: str,
        holds: bool = False,
    ) -> Intent:
        """`holds`: captured later."""
        ...

    async def confirm(self, *, key: UUID, intent_id: str, method_id: str | None, return_url: str) -> Intent:
        """The patient is there: the same intent once more. `action_url` says where the patient goes next, if anywhere."""
        ...

    async def capture(self, *, attempt_id: UUID, intent_id: str, amount_cents: int, currency: str) -> Intent:
        """`currency` is the intent's: gateways count in units of their own."""
        ...

    async def release(self, *, attempt_id: UUID, intent_id: str) -> Intent:
        """Cancels an intent that has taken nothing."""
        ...

    async def refund(
        self, *, attempt_id: UUID, intent_id: str, amount_cents: int, currency: str, reason: str | None
    ) -> Refund: ...

    async def create_checkout(
        self,
        *,
        attempt_id: UUID,
        payment_id: UUID,
        mode: Literal["setup", "payment"],
        amount_cents: int,
        currency: str,
        customer_id: str | None,
        description: str,
        success_url: str,
        cancel_url: str,
    ) -> Checkout: ...

    async def expire_checkout(self, checkout_id: str) -> Checkout:
        """Closes a page that nobody has completed; nobody can pay on it any more. Refused of one that is complete."""
        ...

    async def fetch_intent(self, intent_id: str) -> Intent | None: ...

    async def fetch_setup(self, setup_id: str) -> Setup | None: ...

    async def fetch_refund(self, refund_id: str) -> Refund | None: ...

    async def fetch_dispute(self, dispute_id: str) -> Dispute | None: ...

    async def fetch_checkout(self, checkout_id: str) -> Checkout | None: ...

    async def fetch_card(self, method_id: str) -> CardDetails | None: ...

    async def find_intent(self, attempt_id: UUID, customer_id: str | None, since: datetime) -> Intent | None:
        """By what we wrote into its metadata. Sees what was made a moment ago (Stripe's search does not; its lists do)."""
        ...

    async def list_refunds(self, intent_id: str) -> list[Refund]: ...

    async def list_disputes(self, intent_id: str) -> list[Dispute]: ...

    async def list_intents(self, since: datetime) -> list[Intent]:
        """All that were made since then: for comparing everything with everything."""
        ...

    async def list_events(self, after_id: str | None, since: datetime) -> list[GatewayEvent]:
        """Oldest first: those after an event, or all since a time where none is given or the gateway has forgotten it."""
        ...

    async def list_balance(self, since: datetime, until: datetime) -> list[BalanceLine]: ...

    def parse_webhook(self, body: bytes, signature: str, secrets: Sequence[str], now: datetime) -> GatewayEvent | None:
        """None: no secret of these signed it, or not within five minutes, or it is no event."""
        ...
