"""Listeners and what they were told, on the wire."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, UnsetType

from carelane.kit.emails import is_email
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi
from carelane.web.paging import Direction

# `AlertType`, and PAYMENT_COMPLETED, by which the vendor's guide calls PAYMENT_SUCCEEDED: who asks for it alone is told by that name
# (alert_name in the migrations). Those that have no writer here are taken
# and never sent: alert_type in the migrations says which have one.
AlertType = Literal[
    "PATIENT_CREATED", "PATIENT_UPDATED", "APPOINTMENT_CANCELLED", "APPOINTMENT_UPDATED", "APPOINTMENT_REQUEST",
    "APPOINTMENT_SCHEDULED", "SELF_SCHEDULED_APPOINTMENT", "SELF_SCHEDULED_APPOINTMENT_CANCELLED",
    "SELF_SCHEDULED_APPOINTMENT_UPDATED", "BLOCK_CREATED", "BLOCK_CANCELLED", "BLOCK_UPDATED", "SHIFT_CREATED",
    "SHIFT_CANCELLED", "SHIFT_UPDATED", "PAYMENT_CREATED", "PAYMENT_FAILED", "PAYMENT_SUCCEEDED", "PAYMENT_COMPLETED",
    "PLANNED_PAYMENT_FAILED", "PLANNED_PAYMENT_SUCCEEDED", "CHARGE_CREATED", "REFUND_CREATED", "REFUND_FAILED",
    "REFUND_SUCCEEDED", "ADJUSTMENT_CREATED", "ADJUSTMENT_FAILED", "ADJUSTMENT_SUCCEEDED", "INVOICE_UPDATED",
    "INVOICE_STATUS_UPDATE", "INVOICE_SET_UPDATED", "CHARGE_PAYMENT_CREATED", "CALL_RECEIVED", "CALL_MADE",
    "MESSAGE_RECEIVED", "MESSAGE_SENT", "MESSAGE_DELIVERED", "MESSAGE_FAILED", "EMAIL_RECEIVED", "EMAIL_SENT", "MAIL_SENT",
    "MAIL_DELIVERY_FAILED", "FORM_SUBMITTED", "NOTIFICATION", "APPOINTMENT_CHECKLIST_UPDATED", "LOW_PATIENT_REVIEW",
    "RAINFOREST_DEPOSIT_IN_REVIEW", "RAINFOREST_DEPOSIT_SUCCEEDED", "RAINFOREST_DEPOSIT_FAILED", "CHAT_UPDATE",
    "RAINFOREST_PAYIN_FAILED", "RAINFOREST_PAYIN_PROCESSING", "RAINFOREST_POS_PAYIN_CANCELLED", "STOCK_LOW", "STOCK_ADDED",
    "STOCK_ARCHIVED", "STOCK_LINKED_TO_ITEM", "STOCK_UNLINKED_FROM_ITEM", "STOCK_UPDATED", "STOCK_DRAWDOWN",
    "STOCK_PARTIAL_DRAWDOWN", "SHIPMENT_RECEIVED", "SHIPMENT_UPDATED", "SHIPMENT_ARCHIVED", "ITEM_CREATED", "ITEM_UPDATED",
    "ITEM_ARCHIVED", "SUPPLIER_LINKED_TO_STOCK", "SUPPLIER_UNLINKED_FROM_STOCK", "SUPPLIER_TO_STOCK_UPDATED", "PO_CREATED",
    "PO_PLACED", "PO_CANCELLED", "PO_COMPLETED", "PO_ARCHIVED", "INVENTORY_ACTION", "NOTE_CREATED", "NOTE_UPDATED",
]  # fmt: skip
# Those that are sent.
SENT: tuple[AlertType, ...] = (
    "PATIENT_CREATED",
    "PATIENT_UPDATED",
    "APPOINTMENT_SCHEDULED",
    "APPOINTMENT_UPDATED",
    "APPOINTMENT_CANCELLED",
    "SELF_SCHEDULED_APPOINTMENT",
    "SELF_SCHEDULED_APPOINTMENT_UPDATED",
    "SELF_SCHEDULED_APPOINTMENT_CANCELLED",
    "CHARGE_CREATED",
    "PAYMENT_CREATED",
    "PAYMENT_SUCCEEDED",
    "PAYMENT_COMPLETED",
    "PAYMENT_FAILED",
    "REFUND_CREATED",
    "REFUND_SUCCEEDED",
    "REFUND_FAILED",
    "ADJUSTMENT_CREATED",
    "PLANNED_PAYMENT_SUCCEEDED",
    "PLANNED_PAYMENT_FAILED",
    "INVOICE_UPDATED",
    "INVOICE_STATUS_UPDATE",
    "FORM_SUBMITTED",
    "ITEM_CREATED",
    "ITEM_UPDATED",
    "ITEM_ARCHIVED",
)
SortBy = Literal["created_date", "delivered_date", "last_delivery_attempt_date", "type"]

USUAL_ATTEMPTS = 10
MAX_ATTEMPTS = 500
MAX_OFFSET = 10_000_000

Url = Annotated[str, Meta(min_length=1, max_length=2_000)]
Subscriptions = Annotated[list[AlertType], Meta(max_length=len(get_args(AlertType)))]
Email = Annotated[str, Meta(min_length=1, max_length=320)]


class ListenerIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`WebhookCreate`."""

    subscriptions: Subscriptions
    url: Url
    notification_email: Email | None = None


class ListenerPatch(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`WebhookUpdate`. What is absent stays; so does what is null, but for `notificationEmail`: then nobody is told."""

    subscriptions: Subscriptions | None = None
    url: Url | None = None
    notification_email: Email | UnsetType | None = UNSET


class ConfigIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`WebhookConfigUpdate`: it is this afterwards, whatever it was."""

    webhook_url: Url | None = None
    webhook_enabled: bool = False
    webhook_subscriptions: Subscriptions = []


class ListenerOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`WebhookSummary`. The secret is the key of `Decoda-Signature`."""

    id: str
    subscriptions: list[str]
    url: str
    created_date: datetime
    updated_date: datetime | None
    secret: str
    notification_email: str | None
    is_archived: bool

    def __repr__(self) -> str:
        return "ListenerOut(***)"


class ConfigOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`webhookSecret` is the key of `Decoda-Signature`, once there is one."""

    webhook_url: str | None
    webhook_enabled: bool
    webhook_subscriptions: list[str]
    webhook_secret: str | None

    def __repr__(self) -> str:
        return "ConfigOut(***)"


class AlertOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What a listener is sent."""

    id: str
    type: str
    # The record as the dialect shows it elsewhere, as it is when this is written.
    data: dict[str, Any]
    created_date: datetime
    alert_id: str


class DeliveryAttemptOut(AlertOut, rename="camel", frozen=True, kw_only=True):
    """`WebhookDeliveryAttemptSummary`. The last attempt may be one of a repeat."""

    delivered_date: datetime | None
    last_delivery_attempt_date: datetime | None
    last_delivery_attempt_status: int | None
    last_delivery_attempt_error: str | None


class AttemptFilters(msgspec.Struct, frozen=True, kw_only=True):
    """None: not asked for."""

    event_type: str | None = None
    is_delivered: bool | None = None
    created_before: datetime | None = None
    created_after: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None
    delivered_before: datetime | None = None
    delivered_after: datetime | None = None
    sort_by: SortBy = "created_date"
    sort_direction: Direction = "desc"


def broken_rules(body: ListenerIn | ListenerPatch) -> Iterator[FieldProblem]:
    if isinstance(body.notification_email, str) and not is_email(body.notification_email):
        yield FieldProblem("notificationEmail", "expected an e-mail address such as name@example.com")
