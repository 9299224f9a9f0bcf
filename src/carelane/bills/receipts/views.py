"""From a receipt's row to the billing dialect's shapes."""

from carelane.bills.receipts.queries import PayerRow, ReceiptChargeRow, ReceiptRow, SoldRow
from carelane.bills.receipts.schemas import (
    ItemWithQuantityOut,
    PaymentMethodPublicOut,
    PaymentReceiptOut,
    PublicChargeOut,
    PublicPatientOut,
)
from carelane.charges.money.views import medium_of, show_summary
from carelane.charges.queries import DESCRIPTION, LINE_DESCRIPTION
from carelane.kit.phi import DataKey
from carelane.pricing.lines import show_text


def show_receipt(data_key: DataKey, row: ReceiptRow) -> PaymentReceiptOut:
    """`PaymentReceipt`."""
    lines = [line for charge in row.charges for line in charge.lines]
    return PaymentReceiptOut(
        id=str(row.payment.id),
        patient=show_payer(row.patient),
        amount=row.payment.amount_cents,
        charges=[show_public_charge(data_key, charge) for charge in row.charges],
        refunds=show_summary(row.payment, None).refunds,
        created_date=row.payment.created_at,
        payment_medium=medium_of(row.payment),
        payment_method=_show_method(row),
        has_items=any(not line.is_package for line in lines),
        has_packages=any(line.is_package for line in lines),
    )


def show_payer(row: PayerRow) -> PublicPatientOut:
    """`PublicPatient`."""
    return PublicPatientOut(id=row.given_id or str(row.id), first_name=row.first_name, last_name=row.last_name)


def show_items(data_key: DataKey, row: ReceiptRow) -> list[ItemWithQuantityOut]:
    """What was sold, charge by charge."""
    return [_show_item(data_key, charge, line) for charge in row.charges for line in charge.lines]


def show_public_charge(data_key: DataKey, row: ReceiptChargeRow) -> PublicChargeOut:
    """`PublicCharge`."""
    return PublicChargeOut(
        id=row.ref,
        total=row.total_cents + row.tip_cents,
        total_outstanding=row.outstanding_cents,
        description=show_text(data_key, DESCRIPTION, row.id, row.description),
        status=row.status,
        discount_amount=row.discount_amount_cents,
        discount_percentage=float(row.discount_percentage),
        external_id=row.external_id,
        created_date=row.created_at,
        tips=row.tips,
        tax_total=row.tax_cents,
    )


def _show_method(row: ReceiptRow) -> PaymentMethodPublicOut | None:
    if row.card_brand is None and row.card_last4 is None:
        return None
    return PaymentMethodPublicOut(brand=row.card_brand, last4=row.card_last4)


def _show_item(data_key: DataKey, charge: ReceiptChargeRow, line: SoldRow) -> ItemWithQuantityOut:
    return ItemWithQuantityOut(
        item_name=line.name,
        description=show_text(data_key, LINE_DESCRIPTION, line.id, line.description),
        charge_id=charge.ref,
        discount_amount=line.discount_amount_cents,
        discount_percentage=float(line.discount_percentage),
        quantity=line.quantity,
        unit=line.unit,
        price_per_item=line.unit_price_cents,
        tax_amount=line.tax_cents,
        item_type=line.type,
    )
