"""From a listener's row and what it was told to the billing dialect's shapes. No I/O."""

from carelane.kit.damage import shown
from carelane.kit.phi import DataKey
from carelane.webhooks.billing.data.views import Shown
from carelane.webhooks.billing.queries import AttemptRow, ListenerRow
from carelane.webhooks.billing.schemas import AlertOut, ConfigOut, DeliveryAttemptOut, ListenerOut
from carelane.webhooks.queries import SECRET, EventRecord


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


def show_attempt(row: AttemptRow, data: Shown | None) -> DeliveryAttemptOut:
    return DeliveryAttemptOut(
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


def _secret(data_key: DataKey, row: ListenerRow) -> str:
    return shown(data_key, row.secret_sealed, SECRET, row.id)
