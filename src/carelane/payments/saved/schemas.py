"""Payment methods in the billing dialect."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.phi import Phi

MethodType = Literal["CARD", "ACH", "APPLE_PAY"]
GatewayRef = Annotated[str, Meta(min_length=1, max_length=255)]


class PaymentMethodOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PaymentMethodSummary`. `rainforest_payment_method_id` is the gateway's own id."""

    id: UUID
    patient_id: str | None
    rainforest_payment_method_id: str | None
    brand: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None
    account_holder_type: str | None = None
    account_number_last4: int | None = None
    bank_name: str | None = None
    routing_number: int | None = None
    description: str | None = None
    type: MethodType | None = "CARD"
    is_default: bool
    is_archived: bool = False
    available_merchant_ids: list[str] | None
    created_date: datetime | None


class MethodIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`RainforestPaymentMethod`, as far as it says what was set up. What it tells of the card is asked of the gateway instead."""

    payment_method_id: GatewayRef
    payment_method_config_id: GatewayRef | None = None
    method_type: MethodType | None = None


class MethodConfigOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PaymentMethodConfigCreate`. `session_key` is the client secret of a setup intent, for the gateway's own card fields;
    `payment_method_config_id` is its id."""

    session_key: str
    payment_method_config_id: str
    payment_methods: list[PaymentMethodOut]
    sandbox: bool
