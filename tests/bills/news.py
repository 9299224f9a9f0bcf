"""What is told of an invoice."""

from uuid import UUID

from carelane.webhooks.billing.data.queries import list_records
from carelane.webhooks.billing.data.views import show_record

_CHANGES = """
SELECT value_before, value_after FROM events WHERE organization_id = %s AND target_id = %s AND type = '{}' ORDER BY id
"""
_ALERTS = """
SELECT alert_type(type, actor_kind, value_before, value_after) FROM events
WHERE organization_id = %s AND target_id = %s AND alert_type(type, actor_kind, value_before, value_after) IS NOT NULL ORDER BY id
"""


async def changes(world, paying, kind, record_id):
    """The values of the events of a kind."""
    return await world.rows(paying, _CHANGES.format(kind), UUID(record_id))


async def alerts(world, paying, record_id):
    """The alerts about a record, as listeners get them."""
    return [row[0] for row in await world.rows(paying, _ALERTS, UUID(record_id))]


async def shown_to_listeners(world, paying, noun, record_id):
    """What an alert carries of it."""
    data_key = await world.services.keyring.data_key(paying.organization_id)
    async with world.services.db.reading(paying.organization_id) as conn:
        found = await list_records(conn, paying.organization_id, noun, [UUID(record_id)])
    return [show_record(data_key, noun, one) for one in found.values()]
