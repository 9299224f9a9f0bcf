"""The timed jobs of sessions."""

from datetime import timedelta

from carelane.services import Services
from carelane.sessions import queries
from carelane.sessions.access import DEVICE_LIFETIME

# Sessions stay for a while after their end, so that it can be seen who was signed in when.
KEPT_AFTER_END = timedelta(days=30)


async def delete_old_sessions(services: Services) -> None:
    async with services.db.across() as conn:
        await queries.delete_old_sessions(conn, KEPT_AFTER_END)


async def delete_old_devices(services: Services) -> None:
    async with services.db.across() as conn:
        await queries.delete_old_devices(conn, DEVICE_LIFETIME)
