"""What is known of an organization's terms, what is asked of its gateway, and what came of it."""

from uuid import UUID

import msgspec

from carelane.kit.phi import Phi
from carelane.payments.accounts.queries import Fee, Policy
from carelane.payments.gateways.protocol import Intent
from carelane.payments.schemas import PaymentIn, ProviderReferenceIn, ReferenceType

# Those that a gateway can be asked about; a token is another's.
VERIFIABLE: frozenset[ReferenceType] = frozenset({"SETUP_INTENT", "PAYMENT_INTENT"})


class IntakeTerms(msgspec.Struct, frozen=True, kw_only=True):
    """How an organization is paid. `account_id` is its gateway account for this kind of money, test or live; `has_other` says
    whether it has one for the other kind."""

    policy: Policy
    fees: list[Fee]
    account_id: UUID | None
    has_other: bool

    @property
    def are_verified(self) -> bool:
        return self.policy != "unverified" and (self.account_id is not None or self.has_other)


class Question(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What the gateway is asked about a reference. `email` and `patient_id` are for a customer, where it has none."""

    is_test: bool
    reference: ProviderReferenceIn
    # Of a payment intent.
    amount_cents: int = 0
    currency: str = ""
    patient_id: UUID
    email: str
    # Where the reference stands in the request.
    place: str = "payment.providerReference.id"


class Checked(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The gateway's word. `is_unchecked`: it could not be asked, and will be later."""

    account_id: UUID
    customer_id: str | None = None
    method_id: str | None = None
    intent: Intent | None = None
    is_unchecked: bool = False


def verifiable_reference(payment: PaymentIn) -> ProviderReferenceIn | None:
    """The reference that a gateway can be asked about, if it comes with one."""
    reference = payment.reference
    return reference if reference is not None and reference.type in VERIFIABLE else None
