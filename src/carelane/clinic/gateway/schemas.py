"""Gateway accounts on the wire, and their rules."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from carelane.kit.errors import FieldProblem
from carelane.payments.accounts.queries import Policy
from carelane.web.versions import Version

Mode = Literal["test", "live"]
GatewaySecret = Annotated[str, Meta(min_length=1, max_length=500)]
_WEBHOOK_PREFIX = "whsec_"


class GatewayAccountIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key that is left out stays as it is; an account that is new needs a secret key. A new webhook secret keeps the one before good until
    `previousWebhookSecret` is sent as null."""

    secret_key: GatewaySecret | UnsetType = UNSET
    webhook_secret: GatewaySecret | UnsetType = UNSET
    previous_webhook_secret: UnsetType | None = UNSET
    is_active: bool = True
    version: Version | None = None

    def __repr__(self) -> str:
        return "GatewayAccountIn(***)"


class GatewayAccountOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What is set, without what it is. `webhookPath` is what the gateway's dashboard asks for, after this server's address."""

    provider: str
    mode: Mode
    is_active: bool
    has_webhook_secret: bool
    has_previous_webhook_secret: bool
    webhook_path: str
    updated_at: datetime
    version: str


class GatewayAccountsOut(msgspec.Struct, rename="camel", frozen=True):
    accounts: list[GatewayAccountOut]


class PaymentTermsIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`orderRequiresPayment` null: as soon as there is a gateway. Fees are changed on their own."""

    policy: Policy
    order_requires_payment: bool | None = None
    version: Version | None = None


class PaymentTermsOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`policy` counts only where there is an account that could take the money."""

    policy: Policy
    order_requires_payment: bool | None
    fee_count: int
    version: str


def broken_rules(mode: Mode, body: GatewayAccountIn) -> Iterator[FieldProblem]:
    """As those of the organization file: a key in the wrong place would take live money for a trial, or the other way round."""
    prefixes = f"sk_{mode}_", f"rk_{mode}_"
    if body.secret_key is not UNSET and not _begins(body.secret_key, *prefixes):
        yield FieldProblem("secretKey", f"expected a key of Stripe's that begins with {' or '.join(prefixes)}")
    if body.webhook_secret is not UNSET and not _begins(body.webhook_secret, _WEBHOOK_PREFIX):
        yield FieldProblem("webhookSecret", f"expected a secret of Stripe's that begins with {_WEBHOOK_PREFIX}")


def _begins(secret: str, *prefixes: str) -> bool:
    """And goes on, in what can stand in a header."""
    is_plain = secret.isascii() and secret.isprintable() and " " not in secret
    return is_plain and any(secret.startswith(prefix) and len(secret) > len(prefix) for prefix in prefixes)
