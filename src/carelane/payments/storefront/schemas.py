"""Setup and payment intents on the wire of the care dialect."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from carelane.kit.phi import Phi
from carelane.payments.schemas import Amount, is_number
from carelane.web.weight import Body
from carelane.web.wire import JsonBody

MAX_METHOD_TYPES = 20

Text = Annotated[str, Meta(max_length=320)]
MethodType = Annotated[str, Meta(min_length=1, max_length=50)]


class MetadataIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Kept with the intent at the gateway."""

    email: Text | None = None
    phone: Text | None = None

    def told(self) -> dict[str, str]:
        """What of it was said."""
        return {name: value.strip() for name, value in msgspec.structs.asdict(self).items() if (value or "").strip()}


class SetupIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """All of it may be left out. `isTest` false: live money, true: test money; without it, live if the organization has an account
    for it."""

    metadata: MetadataIn | None = None
    is_test: bool | None = None


class PaymentIntentIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`amount` in units of the currency, 1.15 for $1.15; `currency` without it the organization's."""

    amount: Amount
    currency: Annotated[str, Meta(max_length=10)] | None = None
    payment_method_types: Annotated[list[MethodType], Meta(max_length=MAX_METHOD_TYPES)] | None = None
    metadata: MetadataIn | None = None
    is_test: bool | None = None

    def __post_init__(self) -> None:
        if not is_number(self.amount):
            raise ValueError("amount is a number or a text such as 99.99")


class InitiateIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`amount` is passed over: nothing is held. `key` is the organization's key, where no header holds it."""

    amount: Any = None
    key: Annotated[str, Meta(max_length=4096)] | None = None
    is_test: bool | None = None


class SetupOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    success: bool = True
    payment_secret: str


class InitiatedOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    payment_secret: str


class IntentSecretOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    payment_intent_secret: str


class PaymentIntentOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    message: str = "Payment intent created successfully"
    data: IntentSecretOut


class OptionalBody(JsonBody):
    """A body that may be left out."""

    def read(self, body: Body) -> Any:
        return super().read(body if bytes(body).strip() else b"{}")
