"""From a kept card's row to the billing dialect's shape."""

from carelane.payments.saved.queries import MethodRow
from carelane.payments.saved.schemas import PaymentMethodOut


def show_method(row: MethodRow) -> PaymentMethodOut:
    return PaymentMethodOut(
        id=row.id,
        patient_id=row.shown_patient_id,
        rainforest_payment_method_id=row.method_id,
        brand=row.brand,
        last4=row.last4,
        exp_month=row.exp_month,
        exp_year=row.exp_year,
        is_default=row.is_default,
        available_merchant_ids=[str(row.gateway_account_id)],
        created_date=row.created_at,
    )
