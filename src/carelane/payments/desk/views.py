"""From rows to what staff are shown. No I/O."""

from carelane.kit.auth import Actor
from carelane.kit.damage import shown
from carelane.kit.money import decimal_string
from carelane.kit.phi import DataKey
from carelane.payments.desk.queries import RESOLUTION, PaymentRecord
from carelane.payments.desk.schemas import DisputeOut, IntentOut, PaymentAttemptOut, PaymentDetailOut, PaymentRowOut
from carelane.payments.refunds.queries import RefundRecord
from carelane.payments.refunds.views import show_refund
from carelane.payments.settling.queries import AttemptRow, DisputeRow, IntentRow, Standing
from carelane.permissions import CASES_READ


def show_row(row: PaymentRecord) -> PaymentRowOut:
    return PaymentRowOut(
        id=row.id,
        case_id=row.case_id,
        case_short_id=row.case_short_id,
        charge_id=row.charge_id,
        method=row.method,
        policy=row.policy,
        status=row.status,
        stage=row.stage,
        wanted=row.wanted,
        is_test=row.is_test,
        currency=row.currency,
        amount=decimal_string(row.amount_cents, row.currency),
        captured=decimal_string(row.captured_cents, row.currency),
        refunded=decimal_string(row.refunded_cents, row.currency),
        disputed=decimal_string(row.disputed_cents, row.currency),
        refundable=decimal_string(_refundable_cents(row), row.currency),
        failure=row.failure,
        decline_code=row.decline_code,
        tries=row.tries,
        next_step_at=row.next_step_at,
        decided_at=row.decided_at,
        paid_at=row.paid_at,
        canceled_at=row.canceled_at,
        valid_until=row.valid_until,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def show_detail(
    data_key: DataKey, actor: Actor, row: PaymentRecord, standing: Standing, refunds: list[RefundRecord]
) -> PaymentDetailOut:
    """What people wrote may tell of the patient: it is opened for those who may read cases."""
    listed, sealed = show_row(row), row.resolution_sealed if actor.may(CASES_READ) else None
    return PaymentDetailOut(
        **{name: getattr(listed, name) for name in listed.__struct_fields__},
        resolution=shown(data_key, sealed, RESOLUTION, row.id) if sealed else None,
        intents=[_intent(one) for one in standing.intents],
        attempts=[_attempt(one) for one in standing.attempts],
        refunds=[show_refund(data_key, actor, one) for one in refunds],
        disputes=[_dispute(one) for one in standing.disputes],
    )


def _refundable_cents(row: PaymentRecord) -> int:
    if row.promised_cents is None or row.is_disputed:
        return 0
    return max(row.captured_cents - row.refunded_cents - row.disputed_cents - row.promised_cents, 0)


def _intent(row: IntentRow) -> IntentOut:
    return IntentOut(
        id=row.id,
        gateway_id=row.gateway_id,
        status=row.status,
        amount=decimal_string(row.amount_cents, row.currency),
        capturable=decimal_string(row.capturable_cents, row.currency),
        captured=decimal_string(row.captured_cents, row.currency),
        refunded=decimal_string(row.refunded_cents, row.currency),
        fee=decimal_string(row.fee_cents, row.currency) if row.fee_cents is not None else None,
        hold_ends_at=row.hold_ends_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _attempt(row: AttemptRow) -> PaymentAttemptOut:
    return PaymentAttemptOut(
        id=row.id,
        kind=row.kind,
        refund_id=row.refund_id,
        amount=decimal_string(row.amount_cents, row.currency),
        status=row.status,
        gateway_id=row.gateway_id,
        decline_code=row.decline_code,
        failure=row.failure,
        sends=row.sends,
        created_at=row.created_at,
        sent_at=row.sent_at,
        settled_at=row.settled_at,
    )


def _dispute(row: DisputeRow) -> DisputeOut:
    return DisputeOut(
        id=row.id,
        gateway_id=row.gateway_id,
        amount=decimal_string(row.amount_cents, row.currency),
        fee=decimal_string(row.fee_cents, row.currency),
        reason=row.reason,
        status=row.status,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )
