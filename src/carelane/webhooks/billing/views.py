"""From a listener's row, and the record that an alert tells of, to the billing dialect's shapes. No I/O."""

from typing import Any

import msgspec

from carelane.catalog.billing.items.schemas import ItemOut
from carelane.charges.queries import ChargeRow
from carelane.charges.views import show_with_items
from carelane.kit.phi import DataKey
from carelane.patients.billing.queries import PatientRow
from carelane.patients.billing.views import show_patient
from carelane.webhooks.billing.queries import AnsweredFormRow, AppointmentRow, AttemptRow, ListenerRow
from carelane.webhooks.billing.schemas import AlertOut, AttemptOut, ConfigOut, ListenerOut
from carelane.webhooks.queries import SECRET, EventRecord

Shown = dict[str, Any]


def noun_of(alert: str | None) -> str | None:
    """Of which record an alert tells."""
    words = (alert or "").lower().split("_")
    nouns = ("appointment", "patient", "charge", "item", "form")
    return next((noun for noun in nouns if noun in words), None)


def show_listener(data_key: DataKey, row: ListenerRow) -> ListenerOut:
    return ListenerOut(
        id=str(row.id),
        subscriptions=row.subscriptions,
        url=row.url,
        created_date=row.created_at,
        updated_date=row.updated_at if row.updated_at != row.created_at else None,
        secret=_secret(data_key, row),
        notification_email=row.notification_email,
        is_archived=row.is_archived,
    )


def show_config(data_key: DataKey, row: ListenerRow | None) -> ConfigOut:
    if row is None:
        return ConfigOut(webhook_url=None, webhook_enabled=False, webhook_subscriptions=[], webhook_secret=None)
    return ConfigOut(
        webhook_url=row.url or None,
        webhook_enabled=row.disabled_at is None,
        webhook_subscriptions=row.subscriptions,
        webhook_secret=_secret(data_key, row),
    )


def show_alert(event: EventRecord, data: Shown | None) -> AlertOut:
    """What is sent. A record that is gone, or a mere trial, leaves `data` empty."""
    return AlertOut(
        id=str(event.delivery_id or event.id),
        type=event.alert or event.type,
        data=data or {},
        created_date=event.delivery_made_at or event.created_at,
        alert_id=str(event.id),
    )


def show_attempt(row: AttemptRow, data: Shown | None) -> AttemptOut:
    return AttemptOut(
        id=str(row.id),
        type=row.type,
        data=data or {},
        created_date=row.created_at,
        alert_id=str(row.alert_id),
        delivered_date=row.delivered_at,
        last_delivery_attempt_date=row.attempted_at,
        last_delivery_attempt_status=row.http_status,
        last_delivery_attempt_error=row.failure,
    )


def show_record(data_key: DataKey, noun: str, record: str) -> Shown:
    """The record as the dialect shows it elsewhere: PatientSummary, ChargeDetailWithItems, Item; an appointment and a form in
    words of our own.

    `record` is what the database wrote. Raises UnsealError.
    """
    shown: Any
    if noun == "patient":
        shown = show_patient(data_key, msgspec.json.decode(record, type=PatientRow))
    elif noun == "charge":
        shown = show_with_items(data_key, msgspec.json.decode(record, type=ChargeRow))
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


def _secret(data_key: DataKey, row: ListenerRow) -> str:
    return data_key.open(row.secret_sealed, SECRET, row.id).decode()
