"""What a charge's status follows from. No I/O.

OUTSTANDING → PAID | EXTERNAL_SETTLEMENT → REFUNDED | CHARGEBACK
OUTSTANDING → VOID, or WRITE_OFF
"""

from carelane.charges.schemas import ChargeStatus
from carelane.ledger.schemas import ChargeSums

# What people say of a charge that is owed; it stays until nothing is.
_SAID: frozenset[ChargeStatus] = frozenset({"COLLECTIONS", "PAYMENT_PLAN"})


def status_of(before: ChargeStatus, sums: ChargeSums, *, is_voided: bool) -> ChargeStatus:
    """A charge over nothing is PAID: nobody owes for it."""
    if is_voided:
        return "VOID"
    if sums.outstanding_cents > 0:
        return before if before in _SAID else "OUTSTANDING"
    if sums.lost_cents:
        return "CHARGEBACK"
    if sums.paid_cents and sums.refunded_cents >= sums.paid_cents:
        return "REFUNDED"
    if sums.written_off_cents:
        return "WRITE_OFF"
    return "EXTERNAL_SETTLEMENT" if sums.paid_cents and sums.settled_elsewhere_cents >= sums.paid_cents else "PAID"
