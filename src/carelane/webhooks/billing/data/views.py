"""From the record that an alert tells of to what the billing dialect shows. No I/O."""

from collections.abc import Callable
from typing import Any

import msgspec

from carelane.bills.invoices.queries import InvoiceRow
from carelane.bills.invoices.views import show_set
from carelane.catalog.billing.items.schemas import ItemOut
from carelane.charges.adjusting.queries import Adjustment
from carelane.charges.money.views import show_adjustment, show_refund, show_summary
from carelane.charges.queries import ChargeRow
from carelane.charges.views import show_planned, show_with_items
from carelane.kit.phi import DataKey
from carelane.patients.billing.queries import PatientRow
from carelane.patients.billing.views import show_patient
from carelane.webhooks.billing.data.queries import AnsweredFormRow, AppointmentRow, InstalmentRow, PaidRow, RefundRow

Shown = dict[str, Any]


def noun_of(alert: str | None) -> str | None:
    """Of which record an alert tells."""
    words = (alert or "").lower().split("_")
    nouns = (
        "appointment",
        "patient",
        "charge",
        "planned",
        "invoice",
        "payment",
        "refund",
        "adjustment",
        "item",
        "form",
    )
    return next((noun for noun in nouns if noun in words), None)


def show_record(data_key: DataKey, noun: str, record: str) -> Shown:
    """The record as the dialect shows it elsewhere: PatientSummary, ChargeDetailWithItems, PaymentSummary,
    RefundSummary, AdjustmentSummary, Item; an instalment as a charge lists it, with its payment; an invoice as its table has it; an
    appointment and a form in words of our own.

    `record` is what the database wrote. Raises UnsealError.
    """
    kind, show = _SHOWN[noun]
    members: Shown = msgspec.to_builtins(show(data_key, msgspec.json.decode(record, type=kind)))
    return members


def _instalment(_: DataKey, row: InstalmentRow) -> Shown:
    members: Shown = msgspec.to_builtins(show_planned(row.planned))
    return members | {"payment": show_summary(row.payment, row.patient_id)}


def _payment(_: DataKey, row: PaidRow) -> Any:
    return show_summary(row.payment, row.patient_id)


def _refund(_: DataKey, row: RefundRow) -> Any:
    return show_refund(row.payment_id, row.refund)


def _adjustment(data_key: DataKey, row: Adjustment) -> Any:
    return show_adjustment(data_key, row.made, row.charge, row.location)


def _item(_: DataKey, row: ItemOut) -> Any:
    return row


def _form(data_key: DataKey, row: AnsweredFormRow) -> Shown:
    """Not the answers: the case has them."""
    patient = show_patient(data_key, row.patient)
    members: Shown = msgspec.to_builtins(
        {
            "id": row.id,
            "formId": row.form_id,
            "name": row.name,
            "patientId": patient.id,
            "patient": patient,
            "caseId": row.case_id,
            "isCompleted": not row.is_draft,
            "createdDate": row.created_at,
        }
    )
    return members


def _appointment(data_key: DataKey, row: AppointmentRow) -> Shown:
    patient = show_patient(data_key, row.patient)
    members: Shown = msgspec.to_builtins(
        {
            "id": row.id,
            "type": "APPOINTMENT",
            "title": f"Appointment with {row.provider_name or 'the clinic'}",
            "patientId": patient.id,
            "patient": patient,
            "providerId": row.provider_id,
            "providerName": row.provider_name,
            "start": row.starts_at,
            "end": row.ends_at,
            "timezone": row.timezone,
            "meetingLink": row.meeting_link,
            "status": row.status,
            "isCancelled": row.is_canceled,
            "caseId": row.case_id,
            "createdDate": row.created_at,
            "updatedDate": row.updated_at,
        }
    )
    return members


_SHOWN: dict[str, tuple[type[Any], Callable[[DataKey, Any], Any]]] = {
    "patient": (PatientRow, show_patient),
    "charge": (ChargeRow, show_with_items),
    "payment": (PaidRow, _payment),
    "planned": (InstalmentRow, _instalment),
    "invoice": (InvoiceRow, show_set),
    "refund": (RefundRow, _refund),
    "adjustment": (Adjustment, _adjustment),
    "item": (ItemOut, _item),
    "form": (AnsweredFormRow, _form),
    "appointment": (AppointmentRow, _appointment),
}
