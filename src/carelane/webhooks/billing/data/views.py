"""From the record that an alert tells of to what the billing dialect shows. No I/O."""

from typing import Any

import msgspec

from carelane.catalog.billing.items.schemas import ItemOut
from carelane.charges.adjusting.queries import Adjustment
from carelane.charges.money.views import show_adjustment, show_refund, show_summary
from carelane.charges.queries import ChargeRow
from carelane.charges.views import show_with_items
from carelane.kit.phi import DataKey
from carelane.patients.billing.queries import PatientRow
from carelane.patients.billing.views import show_patient
from carelane.webhooks.billing.data.queries import AnsweredFormRow, AppointmentRow, PaidRow, RefundRow

Shown = dict[str, Any]


def noun_of(alert: str | None) -> str | None:
    """Of which record an alert tells."""
    words = (alert or "").lower().split("_")
    nouns = ("appointment", "patient", "charge", "payment", "refund", "adjustment", "item", "form")
    return next((noun for noun in nouns if noun in words), None)


def show_record(data_key: DataKey, noun: str, record: str) -> Shown:
    """The record as the dialect shows it elsewhere: PatientSummary, ChargeDetailWithItems, PaymentSummary,
    RefundSummary, AdjustmentSummary, Item; an appointment and a form in words of our own.

    `record` is what the database wrote. Raises UnsealError.
    """
    shown: Any
    if noun == "patient":
        shown = show_patient(data_key, msgspec.json.decode(record, type=PatientRow))
    elif noun == "charge":
        shown = show_with_items(data_key, msgspec.json.decode(record, type=ChargeRow))
    elif noun == "payment":
        paid = msgspec.json.decode(record, type=PaidRow)
        shown = show_summary(paid.payment, paid.patient_id)
    elif noun == "refund":
        back = msgspec.json.decode(record, type=RefundRow)
        shown = show_refund(back.payment_id, back.refund)
    elif noun == "adjustment":
        given = msgspec.json.decode(record, type=Adjustment)
        shown = show_adjustment(data_key, given.made, given.charge, given.location)
    elif noun == "item":
        shown = msgspec.json.decode(record, type=ItemOut)
    elif noun == "form":
        return _form(data_key, msgspec.json.decode(record, type=AnsweredFormRow))
    else:
        return _appointment(data_key, msgspec.json.decode(record, type=AppointmentRow))
    members: Shown = msgspec.to_builtins(shown)
    return members


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
