"""Stripe as a `Gateway`. Cards only: what else Stripe takes settles days later, or cannot be held."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote_plus
from uuid import UUID

from carelane.payments.gateways.protocol import Checkout, GatewayEvent, Intent, Refund, Setup
from carelane.payments.gateways.stripe import reading, webhooks, wire
from carelane.payments.gateways.stripe.amounts import to_stripe
from carelane.payments.gateways.stripe.looking import INTENT, Looking, WireT

if TYPE_CHECKING:
    from stripe.params import (
        CustomerCreateParams,
        PaymentIntentCaptureParams,
        PaymentIntentConfirmParams,
        PaymentIntentCreateParams,
        RefundCreateParams,
        SetupIntentCreateParams,
    )
    from stripe.params.checkout import SessionCreateParams

_REASONS: dict[str, Literal["duplicate", "fraudulent", "requested_by_customer"]] = {
    "duplicate": "duplicate",
    "fraudulent": "fraudulent",
    "requested_by_customer": "requested_by_customer",
}


class StripeGateway(Looking):
    """One account: what it can be asked (`looking.py`), and what it can be told to do."""

    async def create_customer(self, *, key: UUID, email: str | None, patient_id: UUID) -> str:
        params: CustomerCreateParams = {"metadata": self._marked({"carelane_patient": str(patient_id)})}
        if email is not None:
            params["email"] = email
        made = await self._post("/v1/customers", params, wire.CustomerWire, f"customer:{key}")
        return made.id

    async def attach_method(self, *, method_id: str, customer_id: str) -> str:
        calls = await self._calls()
        kept = await calls.one("get", _path("payment_methods", method_id), {}, wire.PaymentMethodWire)
        owner = webhooks.id_of(kept.customer)
        if owner is not None:
            return owner
        # Without a key of ours: a second call is refused, and the first look finds whose it is.
        path = _path("payment_methods", method_id, "attach")
        attached = await self._post(path, {"customer": customer_id}, wire.PaymentMethodWire)
        return webhooks.id_of(attached.customer) or customer_id

    async def create_setup(self, *, key: UUID, customer_id: str | None, metadata: dict[str, str]) -> Setup:
        params: SetupIntentCreateParams = {
            "usage": "off_session",
            "allowed_payment_method_types": ["card"],
            "metadata": self._marked(metadata),
        }
        if customer_id is not None:
            params["customer"] = customer_id
        return reading.read_setup(await self._post("/v1/setup_intents", params, wire.SetupIntentWire, f"setup:{key}"))

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
        params: PaymentIntentCreateParams = {
            "amount": to_stripe(amount_cents, currency),
            "currency": currency.lower(),
            "capture_method": "manual" if holds else "automatic",
            "allowed_payment_method_types": [*method_types] or ["card"],
            "metadata": self._marked(metadata),
            "expand": INTENT,
        }
        if customer_id is not None:
            params["customer"] = customer_id
            if holds:
                # A hold that ends before the decision is followed by a charge when nobody is there.
                params["setup_future_usage"] = "off_session"
        return await self._intent("/v1/payment_intents", params, f"intent:{key}")

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
        params: PaymentIntentCreateParams = {
            "amount": to_stripe(amount_cents, currency),
            "currency": currency.lower(),
            "customer": customer_id,
            "payment_method": method_id,
            "allowed_payment_method_types": ["card"],
            # Not when Stripe likes: the fee is known with the answer.
            "capture_method": "manual" if holds else "automatic",
            "confirm": True,
            "off_session": True,
            "metadata": self._marks(attempt_id, payment_id),
            "expand": INTENT,
        }
        return await self._intent("/v1/payment_intents", params, attempt_id)

    async def confirm(self, *, key: UUID, intent_id: str, method_id: str | None, return_url: str) -> Intent:
        params: PaymentIntentConfirmParams = {"return_url": return_url, "expand": INTENT}
        if method_id is not None:
            params["payment_method"] = method_id
        return await self._intent(_path("payment_intents", intent_id, "confirm"), params, f"confirm:{key}")

    async def capture(self, *, attempt_id: UUID, intent_id: str, amount_cents: int, currency: str) -> Intent:
        params: PaymentIntentCaptureParams = {
            "amount_to_capture": to_stripe(amount_cents, currency),
            "expand": INTENT,
        }
        return await self._intent(_path("payment_intents", intent_id, "capture"), params, attempt_id)

    async def release(self, *, attempt_id: UUID, intent_id: str) -> Intent:
        return await self._intent(_path("payment_intents", intent_id, "cancel"), {"expand": INTENT}, attempt_id)

    async def refund(
        self, *, attempt_id: UUID, intent_id: str, amount_cents: int, currency: str, reason: str | None
    ) -> Refund:
        params: RefundCreateParams = {
            "payment_intent": intent_id,
            "amount": to_stripe(amount_cents, currency),
            "metadata": self._marks(attempt_id),
        }
        if reason in _REASONS:
            params["reason"] = _REASONS[reason]
        return reading.read_refund(await self._post("/v1/refunds", params, wire.RefundWire, attempt_id))

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
    ) -> Checkout:
        marks = self._marks(attempt_id, payment_id)
        params: SessionCreateParams = {
            "mode": "setup" if mode == "setup" else "payment",
            "allowed_payment_method_types": ["card"],
            "success_url": success_url,
            "cancel_url": cancel_url,
            "metadata": marks,
        }
        if customer_id is not None:
            params["customer"] = customer_id
        if mode == "setup":
            params["setup_intent_data"] = {"metadata": marks}
        else:
            unit_amount = to_stripe(amount_cents, currency)
            params["line_items"] = [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": currency.lower(),
                        "unit_amount": unit_amount,
                        "product_data": {"name": description},
                    },
                }
            ]
            params["payment_intent_data"] = {"capture_method": "automatic", "metadata": marks}
        return reading.read_checkout(await self._post("/v1/checkout/sessions", params, wire.CheckoutWire, attempt_id))

    async def expire_checkout(self, checkout_id: str) -> Checkout:
        path = _path("checkout/sessions", checkout_id, "expire")
        return reading.read_checkout(await self._post(path, {}, wire.CheckoutWire))

    def parse_webhook(self, body: bytes, signature: str, secrets: Sequence[str], now: datetime) -> GatewayEvent | None:
        return webhooks.parse_webhook(body, signature, secrets, now)

    async def _intent(self, path: str, params: Mapping[str, object], key: UUID | str) -> Intent:
        return reading.read_intent(await self._post(path, params, wire.PaymentIntentWire, key))

    async def _post(
        self, path: str, asked: Mapping[str, object], kind: type[WireT], key: UUID | str | None = None
    ) -> WireT:
        """The same key never acts twice. What is no attempt has its act in the key, so that no two acts share one."""
        calls = await self._calls()
        return await calls.one(
            "post", path, asked if key is None else {**asked, "idempotency_key": f"carelane:{key}"}, kind
        )

    def _marks(self, attempt_id: UUID, payment_id: UUID | None = None) -> dict[str, str]:
        """By which it is found again."""
        marks = {"carelane_attempt": str(attempt_id)}
        return self._marked(marks if payment_id is None else marks | {"carelane_payment": str(payment_id)})

    def _marked(self, metadata: dict[str, str]) -> dict[str, str]:
        return metadata | {"carelane_organization": str(self._organization_id)}


def _path(place: str, object_id: str, *act: str) -> str:
    """The id may be anything; the gateway judges it."""
    return "/".join(["/v1", place, quote_plus(object_id), *act])
