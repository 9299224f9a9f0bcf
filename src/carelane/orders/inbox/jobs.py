"""The sweep of the inbox."""

from datetime import timedelta

from carelane.kit.auth import system_actor
from carelane.orders.inbox import actions, queries
from carelane.services import Services

# Longer than a server takes from keeping a message to judging it.
OPEN_AFTER = timedelta(seconds=3)
_MOST_SWEPT = 500


async def sweep_open(services: Services) -> None:
    """Judges what a server kept but did not get to judge, and what waited for an order that is known now."""
    async with services.db.across() as conn:
        found = await queries.find_open(conn, OPEN_AFTER, _MOST_SWEPT)
    for organization_id, callback_id in found:
        await actions.judge_or_leave(services, system_actor(organization_id), callback_id)
