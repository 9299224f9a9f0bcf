"""What the worker does about links: writes the mail as it leaves, and removes old rows."""

from datetime import timedelta

from carelane.kit import clock
from carelane.kit.db import Connection
from carelane.kit.emails import deliverable
from carelane.kit.languages import speaking
from carelane.messages.errors import SendError
from carelane.messages.jobs import Hooks
from carelane.messages.queries import MessageRow
from carelane.messages.schemas import Content
from carelane.services import Services
from carelane.sessions.links import queries
from carelane.sessions.links.access import StaffLink, url_of
from carelane.sessions.links.views import write_mail

# Links stay for a while after their end, so that it can be seen who was invited when.
KEPT_AFTER_END = timedelta(days=400)


async def write(services: Services, conn: Connection, message: MessageRow, _queued: Content) -> Content | None:
    """The mail with its link. None: the link is over. Raises SendError."""
    link = await queries.find_link(conn, message.organization_id, message.record_id, clock.now())
    if link is None:
        return None
    if not services.settings.public_url:
        raise SendError("CARELANE_PUBLIC_URL is not set")
    made = StaffLink(message.organization_id, link.id)
    url = url_of(services.staff_link_key, services.settings.public_url, link.kind, made)
    with speaking(link.language):
        return write_mail(link, url, deliverable(link.email))


async def delete_old_links(services: Services) -> None:
    async with services.db.across() as conn:
        await queries.delete_old(conn, KEPT_AFTER_END)


HOOKS = Hooks(write=write)
