"""What a storefront does with its listeners: making, changing, archiving, and having an alert sent again."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

import msgspec
from msgspec import UNSET

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, refuse
from carelane.kit.ids import parse_uuid, record_id, uuid7
from carelane.kit.phi import DataKey
from carelane.permissions import WEBHOOKS_MANAGE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once
from carelane.webhooks import signing
from carelane.webhooks.billing import queries, views
from carelane.webhooks.billing.queries import ListenerRow, NewListener
from carelane.webhooks.billing.reads import CONFIG, find_attempt, find_listener
from carelane.webhooks.billing.schemas import (
    ConfigIn,
    ConfigOut,
    DeliveryAttemptOut,
    ListenerIn,
    ListenerOut,
    ListenerPatch,
    broken_rules,
)
from carelane.webhooks.endpoints.actions import check_url, record_change, record_replay, require_room
from carelane.webhooks.queries import SECRET, set_canceled

_STAFFS_WORD = "staff of the clinic switched it off; only they can switch it on"


@requires(WEBHOOKS_MANAGE)
async def create_listener(
    services: Services, actor: Actor, body: ListenerIn, request_key: RequestKey | None
) -> ListenerOut:
    """Raises RuleBrokenError, and what `idempotency.begin` raises."""
    refuse([*broken_rules(body), *await check_url(services, "url", body.url)])
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_create, actor, data_key, body))


async def _create(actor: Actor, data_key: DataKey, body: ListenerIn, conn: Connection) -> ListenerOut:
    await require_room(conn, actor.organization_id, "url")
    listener = _new(actor, data_key, uuid7(), body.url, body.subscriptions)
    await queries.insert_listener(conn, msgspec.structs.replace(listener, notification_email=body.notification_email))
    await record_change(conn, actor, listener.id, "CREATED")
    return views.show_listener(data_key, await find_listener(conn, actor, str(listener.id)))


@requires(WEBHOOKS_MANAGE)
async def update_listener(services: Services, actor: Actor, ref: str, body: ListenerPatch) -> ListenerOut:
    """Also switches it on, if Carelane switched it off because its receiver failed. Raises RuleBrokenError, RecordNotFoundError."""
    refuse([*broken_rules(body), *(await check_url(services, "url", body.url) if body.url is not None else [])])
    data_key = await services.keyring.data_key(actor.organization_id)
    changes = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
    if body.subscriptions is not None:
        changes["subscriptions"] = list(dict.fromkeys(body.subscriptions))
    async with services.db.transaction(actor) as conn:
        there = await _find_changeable(conn, actor, ref)
        enables = there.disabled_reason in {"GONE", "FAILING"}
        if enables:
            await require_room(conn, actor.organization_id, "webhook_id")
        await queries.update_listener(conn, actor.organization_id, there.id, changes, enables=enables)
        await record_change(conn, actor, there.id, "CHANGED")
        return views.show_listener(data_key, await find_listener(conn, actor, ref))


@requires(WEBHOOKS_MANAGE)
async def archive_listener(services: Services, actor: Actor, ref: str) -> bool:
    """It is told nothing more, and what waits for it is called off. Raises RecordNotFoundError."""
    listener_id = parse_uuid(ref)
    async with services.db.transaction(actor) as conn:
        if listener_id is not None:
            # Deliveries before endpoints, as the sender locks them. Only a listener's: staff's endpoints are not the storefront's.
            await find_listener(conn, actor, ref)
            await set_canceled(conn, actor.organization_id, listener_id)
        if listener_id is None or not await queries.set_archived(conn, actor.organization_id, listener_id):
            raise RecordNotFoundError(f"no webhook {ref} here")
        await record_change(conn, actor, listener_id, "ARCHIVED")
    return True


@requires(WEBHOOKS_MANAGE)
async def save_config(services: Services, actor: Actor, body: ConfigIn) -> ConfigOut:
    """Raises RuleBrokenError, and ConflictError when staff switched it off."""
    problems = [] if body.webhook_url is None else await check_url(services, "webhookUrl", body.webhook_url)
    if body.webhook_enabled and body.webhook_url is None:
        problems.append(FieldProblem("webhookUrl", "webhookUrl is required where webhookEnabled is true"))
    refuse(problems)
    data_key = await services.keyring.data_key(actor.organization_id)
    listener_id = record_id(actor.organization_id, CONFIG)
    async with services.db.transaction(actor) as conn:
        await _save_config(conn, actor, data_key, listener_id, body)
        return views.show_config(data_key, await queries.find_listener(conn, actor.organization_id, listener_id))


async def _save_config(conn: Connection, actor: Actor, data_key: DataKey, listener_id: UUID, body: ConfigIn) -> None:
    there = await queries.find_listener(conn, actor.organization_id, listener_id)
    if body.webhook_enabled and (there is None or there.disabled_at is not None):
        await require_room(conn, actor.organization_id, "webhookEnabled")
    new = _new(actor, data_key, listener_id, body.webhook_url or "", body.webhook_subscriptions)
    if await queries.insert_listener(conn, msgspec.structs.replace(new, is_enabled=body.webhook_enabled)):
        await record_change(conn, actor, listener_id, "CREATED")
        return
    if not body.webhook_enabled:
        await set_canceled(conn, actor.organization_id, listener_id)
    await queries.set_restored(conn, actor.organization_id, listener_id)
    if not body.webhook_enabled:
        await queries.set_switched_off(conn, actor.organization_id, listener_id)
    changes = {"url": new.url, "subscriptions": new.subscriptions}
    why_off = await queries.update_listener(
        conn, actor.organization_id, listener_id, changes, enables=body.webhook_enabled
    )
    if body.webhook_enabled and why_off is not None:
        raise ConflictError(_STAFFS_WORD)
    await record_change(conn, actor, listener_id, "CHANGED")


@requires(WEBHOOKS_MANAGE)
async def send_again(services: Services, actor: Actor, ref: str, notifies: bool) -> DeliveryAttemptOut:
    """Has the alert sent once more, soon; while that waits, asking again changes nothing.

    Raises RecordNotFoundError, and ConflictError when its listener is switched off or archived.
    """
    delivery_id = parse_uuid(ref)
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        listener_id = await queries.lock_attempt(conn, actor.organization_id, delivery_id) if delivery_id else None
        if delivery_id is None or listener_id is None:
            raise RecordNotFoundError(f"no delivery attempt {ref} here")
        _require_on(await find_listener(conn, actor, str(listener_id)))
        if await queries.find_waiting_repeat(conn, actor.organization_id, delivery_id) is None:
            await queries.insert_repeat(conn, actor.organization_id, delivery_id, notifies=notifies)
            await record_replay(conn, actor, listener_id, 1)
        return await find_attempt(conn, actor, data_key, ref)


def _require_on(listener: ListenerRow) -> None:
    if listener.is_archived:
        raise ConflictError("its webhook is archived; nothing is sent to it any more")
    if listener.disabled_at is not None:
        raise ConflictError("its webhook is switched off; expected PUT /webhook/decoda/update/{webhook_id} first")


async def _find_changeable(conn: Connection, actor: Actor, ref: str) -> ListenerRow:
    """Raises RecordNotFoundError."""
    found = await find_listener(conn, actor, ref)
    if found.is_archived:
        raise RecordNotFoundError(f"no webhook {ref} here")
    return found


def _new(actor: Actor, data_key: DataKey, listener_id: UUID, url: str, subscriptions: Iterable[str]) -> NewListener:
    return NewListener(
        organization_id=actor.organization_id,
        id=listener_id,
        # Staff see it among their endpoints.
        name=f"Storefront {listener_id}",
        url=url,
        subscriptions=list(dict.fromkeys(subscriptions)),
        notification_email=None,
        secret_sealed=data_key.seal(signing.new_secret().encode(), SECRET, listener_id),
    )
