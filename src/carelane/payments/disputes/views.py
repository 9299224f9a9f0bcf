"""From rows of disputes to what staff are shown. No I/O."""

from carelane.kit.auth import Actor
from carelane.kit.money import decimal_string
from carelane.payments.disputes.queries import DecisionRow, DisputeRow, EvidenceRow
from carelane.payments.disputes.schemas import (
    DisputeListedOut,
    EvidenceDecisionOut,
    EvidenceDeliveryOut,
    EvidenceLineOut,
    EvidenceOut,
    EvidenceReceiptOut,
)
from carelane.permissions import CASES_READ


def show_dispute(row: DisputeRow) -> DisputeListedOut:
    return DisputeListedOut(
        id=row.id,
        payment_id=row.payment_id,
        case_short_id=row.case_short_id,
        gateway_id=row.gateway_id,
        amount=decimal_string(row.amount_cents, row.currency),
        fee=decimal_string(row.fee_cents, row.currency),
        currency=row.currency,
        is_test=row.is_test,
        reason=row.reason,
        status=row.status,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )


def show_evidence(actor: Actor, dispute: DisputeRow, row: EvidenceRow) -> EvidenceOut:
    """What was decided is shown to those who may read cases."""
    return EvidenceOut(
        dispute=show_dispute(dispute),
        patient_id=row.patient_id,
        patient_name=row.patient_name,
        case_id=row.case_id,
        paid_at=row.paid_at,
        paid=decimal_string(row.paid_cents, row.currency),
        card=" ".join(part for part in (row.card_brand, row.card_last4) if part) or None,
        sold=[
            EvidenceLineOut(
                charge_id=line.charge_id,
                name=line.name,
                quantity=line.quantity,
                total=decimal_string(line.total_cents, row.currency),
                sold_at=line.sold_at,
            )
            for line in row.sold
        ],
        decisions=[_decision(one) for one in row.decisions] if actor.may(CASES_READ) else [],
        deliveries=[
            EvidenceDeliveryOut(**{name: getattr(one, name) for name in one.__struct_fields__})
            for one in row.deliveries
        ],
        receipts=[
            EvidenceReceiptOut(**{name: getattr(one, name) for name in one.__struct_fields__}) for one in row.receipts
        ],
    )


def _decision(row: DecisionRow) -> EvidenceDecisionOut:
    outcome = "NO_DECISION" if row.is_no_decision else "APPROVED" if row.is_approved else "REJECTED"
    return EvidenceDecisionOut(
        product=row.product, outcome=outcome, decided_by=row.decided_by, decided_at=row.decided_at
    )
