"""From a refund's row to what is shown. No I/O."""

from carelane.kit.auth import Actor
from carelane.kit.damage import shown
from carelane.kit.money import decimal_string
from carelane.kit.phi import DataKey
from carelane.payments.lines.schemas import RefundedItemOut
from carelane.payments.refunds.queries import COMMENT, ListedRefund, RefundRecord
from carelane.payments.refunds.schemas import RefundListedOut, RefundOut
from carelane.permissions import CASES_READ


def show_refund(data_key: DataKey, actor: Actor, row: RefundRecord) -> RefundOut:
    """A comment may tell of the patient: it is opened for those who may read cases."""
    sealed = row.comment_sealed if actor.may(CASES_READ) else None
    return RefundOut(
        id=row.id,
        payment_id=row.payment_id,
        amount=decimal_string(row.amount_cents, row.currency),
        currency=row.currency,
        reason=row.reason,
        comment=shown(data_key, sealed, COMMENT, row.id) if sealed else None,
        status=row.status,
        gateway_id=row.gateway_id,
        failure=row.failure,
        granted_by_staff_id=row.granted_by_staff_id,
        sent_by_staff_id=row.sent_by_staff_id,
        granted_at=row.granted_at,
        sent_at=row.sent_at,
        settled_at=row.settled_at,
        items=[
            RefundedItemOut(id=one.id, quantity=one.quantity, amount=decimal_string(one.cents, row.currency))
            for one in row.items
        ],
    )


def show_listed(row: ListedRefund) -> RefundListedOut:
    return RefundListedOut(
        id=row.id,
        payment_id=row.payment_id,
        case_short_id=row.case_short_id,
        amount=decimal_string(row.amount_cents, row.currency),
        currency=row.currency,
        is_test=row.is_test,
        reason=row.reason,
        status=row.status,
        failure=row.failure,
        granted_by=row.granted_by,
        sent_by=row.sent_by,
        granted_at=row.granted_at,
        sent_at=row.sent_at,
        settled_at=row.settled_at,
    )
