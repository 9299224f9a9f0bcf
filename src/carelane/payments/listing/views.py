"""From a payment's row to the table's shape."""

from carelane.charges.money.views import medium_of, show_refund, status_of
from carelane.payments.listing.queries import CardRow, ItemRow
from carelane.payments.listing.schemas import PaymentItemOut
from carelane.payments.saved.schemas import PaymentMethodOut


def show_item(row: ItemRow) -> PaymentItemOut:
    payment, payer = row.payment, row.payer
    medium = medium_of(payment)
    return PaymentItemOut(
        id=payment.id,
        first_name=payer.first_name if payer else None,
        last_name=payer.last_name if payer else None,
        patient_id=payer.id if payer else None,
        external_patient_id=payer.external_id if payer else None,
        email=payer.email if payer else None,
        phone_number=payer.phone_number if payer else None,
        comment=row.comment,
        amount=payment.amount_cents,
        currency=payment.currency,
        status=status_of(payment),
        payment_medium=medium,
        fee=payment.fee_cents,
        payment_method=_show_card(row.card, payer.id if payer else None) if row.card else None,
        created_date=payment.created_at,
        refunds=[show_refund(payment.id, one) for one in (*payment.refunds, *payment.lost)],
        creator=row.creator,
        is_payment_plan=medium == "PAYMENT_PLAN",
        items=row.items,
        location_id=row.location_id,
    )


def _show_card(card: CardRow, patient_id: str | None) -> PaymentMethodOut:
    return PaymentMethodOut(
        id=card.id,
        patient_id=patient_id,
        rainforest_payment_method_id=card.method_id,
        brand=card.brand,
        last4=card.last4,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        is_default=False,
        is_archived=card.is_archived,
        available_merchant_ids=[str(card.account_id)],
        created_date=card.created_at,
    )
