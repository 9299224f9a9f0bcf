"""From an invoice's row to the billing dialect's shapes."""

from typing import cast

from carelane.bills.invoices.queries import WORDS, InvoiceRow
from carelane.bills.invoices.schemas import InvoiceMethod, InvoiceOut, InvoiceSetOut, InvoiceStatus
from carelane.bills.receipts.views import show_payer
from carelane.kit.phi import DataKey
from carelane.pricing.lines import show_text


def show_invoice(data_key: DataKey, row: InvoiceRow) -> InvoiceOut:
    """`InvoiceForTable`."""
    return InvoiceOut(
        id=str(row.id),
        method=cast("InvoiceMethod", row.method),
        status=cast("InvoiceStatus", row.status),
        amount=row.amount_cents,
        send_time=row.send_at,
        methods_attempted=[[one["method"], one["at"], one["status"]] for one in row.attempted],
        failed_reason=row.failure,
        email_status=row.status if row.method == "EMAIL" else None,
        sms_content=show_text(data_key, WORDS, row.id, row.message) if row.method == "SMS" else None,
    )


def show_set(data_key: DataKey, row: InvoiceRow) -> InvoiceSetOut:
    """`InvoiceSetForTable`."""
    return InvoiceSetOut(
        id=str(row.id),
        patient=show_payer(row.patient),
        status=row.set_status,
        amount=row.amount_cents,
        total_outstanding=row.outstanding_cents,
        currency=row.currency,
        created_date=row.created_at,
        send_time=row.send_at,
        paid_date=row.paid_at,
        location_id=row.location_id,
        charge_ids=row.charge_ids,
        invoices=[show_invoice(data_key, row)],
    )
