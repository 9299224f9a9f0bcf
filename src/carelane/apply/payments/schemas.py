"""`payments` of an organization file."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from carelane.apply.schemas import Entry, Line, Problems, Secret
from carelane.clinic.fees.schemas import MAX_FEES, FeeName
from carelane.clinic.fees.schemas import broken_rules as fee_problems
from carelane.kit.errors import FieldProblem
from carelane.payments.accounts.queries import Policy

_MODES = ("test", "live")
_WEBHOOK_PREFIX = "whsec_"


class FeeEntry(Entry, frozen=True):
    """`label` is what a fee of kind `other` is called."""

    kind: FeeName
    amount: str | int
    label: Line | None = None


class GatewayEntry(Entry, frozen=True):
    """A key that is left out stays as it is; a previous webhook secret that is left out is good no more."""

    secret_key: Secret | UnsetType = UNSET
    webhook_secret: Secret | UnsetType = UNSET
    previous_webhook_secret: Secret | None = None
    is_active: bool = True

    def __repr__(self) -> str:
        return "GatewayEntry(***)"


class StripeEntry(Entry, frozen=True):
    test: GatewayEntry | None = None
    live: GatewayEntry | None = None


class GatewaysEntry(Entry, frozen=True):
    stripe: StripeEntry = StripeEntry()


class PaymentsEntry(Entry, frozen=True):
    policy: Policy = "charge_on_approval"
    order_requires_payment: bool | None = None
    fees: Annotated[list[FeeEntry], Meta(max_length=MAX_FEES)] = []
    gateways: GatewaysEntry = GatewaysEntry()

    def accounts(self) -> Iterator[tuple[str, bool, GatewayEntry]]:
        """Each with its place, and whether it is for test money."""
        for mode, entry in zip(_MODES, (self.gateways.stripe.test, self.gateways.stripe.live), strict=True):
            if entry is not None:
                yield f"payments.gateways.stripe.{mode}", mode == "test", entry


def broken_rules(payments: PaymentsEntry | None, currency: str) -> Problems:
    """The rules across fields. `currency` is the organization's."""
    if payments is None:
        return
    yield from fee_problems("payments.fees", payments.fees, currency)
    for place, is_test, entry in payments.accounts():
        yield from _check_account(place, is_test, entry)


def _check_account(place: str, is_test: bool, entry: GatewayEntry) -> Problems:
    """A key in the wrong place would take live money for a trial, or the other way round. The value is not repeated."""
    mode = "test" if is_test else "live"
    prefixes = f"sk_{mode}_", f"rk_{mode}_"
    if entry.secret_key is not UNSET and not _begins(entry.secret_key, *prefixes):
        yield FieldProblem(f"{place}.secretKey", f"expected a key of Stripe's that begins with {' or '.join(prefixes)}")
    secrets = {"webhookSecret": entry.webhook_secret, "previousWebhookSecret": entry.previous_webhook_secret}
    for name, secret in secrets.items():
        if isinstance(secret, str) and not _begins(secret, _WEBHOOK_PREFIX):
            yield FieldProblem(f"{place}.{name}", f"expected a secret of Stripe's that begins with {_WEBHOOK_PREFIX}")
    if secrets["previousWebhookSecret"] is not None and entry.webhook_secret == entry.previous_webhook_secret:
        yield FieldProblem(f"{place}.previousWebhookSecret", "expected another one than webhookSecret")


def _begins(secret: str, *prefixes: str) -> bool:
    """And goes on, in what can stand in a header."""
    return (
        secret.isascii()
        and secret.isprintable()
        and " " not in secret
        and any(secret.startswith(prefix) and len(secret) > len(prefix) for prefix in prefixes)
    )
