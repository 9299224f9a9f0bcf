"""Making links, in the caller's transaction, and the mail that brings them."""

from datetime import timedelta
from uuid import UUID

from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey
from carelane.messages.actions import missing_setting, queue
from carelane.messages.schemas import Content, NewMessage
from carelane.messages.schemas import Kind as MessageKind
from carelane.sessions.links import queries
from carelane.sessions.links.access import Kind, StaffLink
from carelane.sessions.links.queries import NewLink
from carelane.settings import Settings

LIFETIMES: dict[Kind, timedelta] = {"INVITATION": timedelta(days=7), "RESET": timedelta(minutes=30)}
_MESSAGES: dict[Kind, MessageKind] = {"INVITATION": "STAFF_INVITATION", "RESET": "PASSWORD_RESET"}


def can_mail(settings: Settings) -> bool:
    """Whether this server can send links at all."""
    return bool(settings.public_url) and missing_setting(settings, "MAIL") is None


def require_mail(settings: Settings) -> None:
    """Raises ConflictError that names the setting which is missing."""
    missing = missing_setting(settings, "MAIL")
    if missing:
        raise ConflictError(f"this server cannot send mail: {missing} is not set")
    if not settings.public_url:
        raise ConflictError("this server cannot send links: CARELANE_PUBLIC_URL is not set")


async def make_link(conn: Connection, actor: Actor, staff_id: UUID, kind: Kind) -> StaffLink:
    """A new link of the member's. Of invitations those before are over."""
    now = clock.now()
    if kind == "INVITATION":
        await queries.set_revoked(conn, actor.organization_id, staff_id, kind)
    link = NewLink(
        organization_id=actor.organization_id,
        id=uuid7(),
        staff_id=staff_id,
        kind=kind,
        created_at=now,
        expires_at=now + LIFETIMES[kind],
    )
    await queries.insert_link(conn, link)
    return StaffLink(link.organization_id, link.id)


async def mail_link(conn: Connection, actor: Actor, data_key: DataKey, kind: Kind, link: StaffLink) -> None:
    """Queues the mail. To whom it goes and what it says is written as it leaves."""
    message = NewMessage(
        kind=_MESSAGES[kind],
        channel="MAIL",
        record_kind="staff_link",
        record_id=link.id,
        content=Content(recipient=""),
        expires_at=clock.now() + LIFETIMES[kind],
    )
    await queue(conn, actor, data_key, message)
