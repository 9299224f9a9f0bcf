"""The one door to a receipt."""

from uuid import UUID

from carelane.bills.receipts import queries
from carelane.bills.receipts.queries import ReceiptRow
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError

# Of money that came; what became of it since, the receipt says.
PAID = frozenset({"PAID", "REFUND", "IN_DISPUTE", "LOST_DISPUTE"})


async def get_paid(conn: Connection, organization_id: UUID, payment_id: UUID | None, ref: str) -> ReceiptRow:
    """Raises RecordNotFoundError, ConflictError (nothing was paid yet)."""
    row = await queries.find_receipt(conn, organization_id, payment_id) if payment_id else None
    if row is None:
        raise RecordNotFoundError(f"no payment {ref} here")
    if row.payment.status not in PAID:
        raise ConflictError(f"the payment is {row.payment.status}; there is a receipt once it is paid")
    return row
