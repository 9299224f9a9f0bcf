"""From a credit's row to the billing dialect's shapes."""

from collections.abc import Sequence

from carelane.kit.phi import DataKey
from carelane.ledger.schemas import Books
from carelane.payments.credits.queries import COMMENT, CreditShown
from carelane.payments.credits.schemas import AvailableCreditOut, AvailableOut, CreditOut, DeskCreditOut
from carelane.pricing.lines import show_text


def show_credit(data_key: DataKey, row: CreditShown) -> CreditOut:
    """`PatientCreditSummary`."""
    return CreditOut(
        id=str(row.id),
        patient_id=row.patient_id,
        amount=row.amount_cents,
        amount_remaining=row.amount_cents - row.spent_cents,
        comment=show_text(data_key, COMMENT, row.id, row.comment),
        expiry_date=row.expires_at,
        member_id=row.member_id,
        created_date=row.created_at,
        updated_date=row.updated_at,
        creator=row.creator,
    )


def show_at_desk(data_key: DataKey, row: CreditShown, books: Books) -> DeskCreditOut:
    return DeskCreditOut(
        credit=show_credit(data_key, row),
        currency=row.currency,
        is_test=row.is_test,
        is_current=Books(row.currency, row.is_test) == books,
    )


def show_available(data_key: DataKey, rows: Sequence[CreditShown]) -> AvailableOut:
    """`AvailableCreditResponse`."""
    shown = [
        AvailableCreditOut(
            credit_id=str(row.id),
            remaining_amount=row.amount_cents - row.spent_cents,
            total_amount=row.amount_cents,
            comment=show_text(data_key, COMMENT, row.id, row.comment),
            expiry_date=row.expires_at,
            created_date=row.created_at,
        )
        for row in rows
    ]
    return AvailableOut(total_available=sum(one.remaining_amount for one in shown), credits=shown, count=len(shown))
