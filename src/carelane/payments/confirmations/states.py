"""Which payment a confirmation is about, and how that payment stands after it. No I/O."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from uuid import UUID

from msgspec.structs import replace

from carelane.kit.ids import uuid7
from carelane.kit.money import decimal_string
from carelane.payments.confirmations.queries import Details, Elsewhere
from carelane.payments.schemas import PaymentStatus

# What a status can follow, the likeliest first.
_FOLLOWS: dict[PaymentStatus, tuple[PaymentStatus, ...]] = {
    # It was never paid after all; what was only promised may be promised once more.
    "UNPAID": ("PAID",),
    "PAID": ("UNPAID", "ERROR", "IN_DISPUTE"),
    "REFUND": ("PAID",),
    "IN_DISPUTE": ("PAID",),
    "LOST_DISPUTE": ("IN_DISPUTE", "PAID"),
    "CANCELED": ("UNPAID", "ERROR", "PAID"),
    "ERROR": ("UNPAID", "PAID"),
}
# What takes money away that was paid: never more than that.
_TAKES: frozenset[PaymentStatus] = frozenset({"REFUND", "IN_DISPUTE", "LOST_DISPUTE"})


def find_meant(status: PaymentStatus, details: Details, known: Sequence[Elsewhere]) -> Elsewhere | None:
    """The payment whose status this changes; None: it is one of its own. Raises ValueError when more would go than was paid."""
    follows = _FOLLOWS[status]
    meant = [one for one in known if one.status in follows and _fits(status, details, one)]
    if meant:
        cents = details.amount_cents
        return min(meant, key=lambda one: (follows.index(one.status), cents not in {one.left_cents, one.amount_cents}))
    if status in _TAKES and any(one.captured_cents for one in known):
        raise ValueError
    return None


def most_left(known: Sequence[Elsewhere], currency: str) -> str:
    """How much of one payment can still go back."""
    return decimal_string(max((one.left_cents for one in known), default=0), currency)


def step(before: Elsewhere | None, status: PaymentStatus, details: Details) -> Elsewhere:
    """How the payment stands then."""
    cents = details.amount_cents
    paid_at = datetime.combine(details.payment_date, time(), UTC)
    if before is None:
        captured = cents if status == "PAID" else 0
        return Elsewhere(
            id=uuid7(),
            status=status,
            amount_cents=cents,
            captured_cents=captured,
            decision_id=details.decision_id,
            paid_at=paid_at if captured else None,
        )
    if status == "PAID" and before.status == "IN_DISPUTE":
        return replace(before, status=status, disputed_cents=0)
    if status == "PAID":
        return replace(before, status=status, captured_cents=cents, paid_at=paid_at)
    if status == "REFUND":
        back = replace(before, refunded_cents=before.refunded_cents + cents)
        return back if back.left_cents else replace(back, status=status)
    if status in {"IN_DISPUTE", "LOST_DISPUTE"}:
        return replace(before, status=status, disputed_cents=before.disputed_cents or cents)
    return replace(before, status=status, captured_cents=0)


def _fits(status: PaymentStatus, details: Details, one: Elsewhere) -> bool:
    cents = details.amount_cents
    if not _is_same_decision(details.decision_id, one.decision_id):
        return False
    if status in _TAKES:
        return cents == one.disputed_cents if one.status == "IN_DISPUTE" else cents <= one.left_cents
    if one.status == "IN_DISPUTE":
        return cents in {one.disputed_cents, one.amount_cents}
    if status == "PAID":
        # Once it was taken back, it is another payment.
        return cents == one.amount_cents and one.paid_at is None
    return cents == one.amount_cents and one.left_cents == one.captured_cents


def _is_same_decision(told: UUID | None, known: UUID | None) -> bool:
    return told is None or known is None or told == known
