"""Reads of listeners and what they were told."""

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import parse_uuid, record_id
from carelane.kit.phi import DataKey
from carelane.permissions import WEBHOOKS_MANAGE, requires
from carelane.services import Services
from carelane.web.paging import Page
from carelane.webhooks.billing import queries, views
from carelane.webhooks.billing.data.reads import find_data, read_data
from carelane.webhooks.billing.queries import AttemptRow, ListenerRow
from carelane.webhooks.billing.schemas import AttemptFilters, ConfigOut, DeliveryAttemptOut, ListenerOut

# Archived ones among them.
MAX_LISTED = 1_000
# What names `/tenant/webhook-config` among the listeners of an organization.
CONFIG = "webhook-config"


@requires(WEBHOOKS_MANAGE)
async def list_listeners(services: Services, actor: Actor, includes_archived: bool) -> list[ListenerOut]:
    """Oldest first, with their secrets."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.reading(actor.organization_id) as conn:
        rows = await queries.list_listeners(conn, actor.organization_id, includes_archived, MAX_LISTED)
    return [views.show_listener(data_key, row) for row in rows]


@requires(WEBHOOKS_MANAGE)
async def get_listener(services: Services, actor: Actor, ref: str) -> ListenerOut:
    """Archived ones too. Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.reading(actor.organization_id) as conn:
        return views.show_listener(data_key, await find_listener(conn, actor, ref))


@requires(WEBHOOKS_MANAGE)
async def get_config(services: Services, actor: Actor) -> ConfigOut:
    """Empty and off while there is none."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.reading(actor.organization_id) as conn:
        listener_id = record_id(actor.organization_id, CONFIG)
        return views.show_config(data_key, await queries.find_listener(conn, actor.organization_id, listener_id))


@requires(WEBHOOKS_MANAGE)
async def list_attempts(
    services: Services, actor: Actor, ref: str, filters: AttemptFilters, page: Page
) -> list[DeliveryAttemptOut]:
    """Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        listener = await find_listener(conn, actor, ref)
        rows = await queries.list_attempts(conn, actor.organization_id, listener.id, filters, page)
        return await show_attempts(conn, actor, data_key, rows)


@requires(WEBHOOKS_MANAGE)
async def get_attempt(services: Services, actor: Actor, ref: str) -> DeliveryAttemptOut:
    """Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        return await find_attempt(conn, actor, data_key, ref)


async def find_attempt(conn: Connection, actor: Actor, data_key: DataKey, ref: str) -> DeliveryAttemptOut:
    """Raises RecordNotFoundError."""
    delivery_id = parse_uuid(ref)
    row = await queries.find_attempt(conn, actor.organization_id, delivery_id) if delivery_id else None
    if row is None:
        raise RecordNotFoundError(f"no delivery attempt {ref} here")
    return (await show_attempts(conn, actor, data_key, [row]))[0]


async def find_listener(conn: Connection, actor: Actor, ref: str) -> ListenerRow:
    """Archived ones too. Raises RecordNotFoundError."""
    listener_id = parse_uuid(ref)
    found = await queries.find_listener(conn, actor.organization_id, listener_id) if listener_id else None
    if found is None:
        raise RecordNotFoundError(f"no webhook {ref} here")
    return found


async def show_attempts(
    conn: Connection, actor: Actor, data_key: DataKey, rows: list[AttemptRow]
) -> list[DeliveryAttemptOut]:
    """With the records as they are now; that they were read is recorded."""
    data = await read_data(conn, actor, data_key, [(row.type, row.target_id) for row in rows], "delivery attempts")
    shown = [find_data(data, row.type, row.target_id) for row in rows]
    return [
        views.show_attempt(row, None if isinstance(one, Exception) else one)
        for row, one in zip(rows, shown, strict=True)
    ]
