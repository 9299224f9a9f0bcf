"""Telling people by mail what an event means for them."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import structlog

from carelane.kit.auth import system_actor
from carelane.kit.db import Connection
from carelane.kit.phi import UnsealError
from carelane.messages.actions import missing_setting, new_row, queue
from carelane.messages.notices import queries
from carelane.messages.notices.queries import Occasion
from carelane.messages.notices.views import write_notice
from carelane.messages.schemas import Kind, NewMessage
from carelane.services import Services

# The events that people are told of, and the kind of message that tells them.
KIND_OF: dict[str, Kind] = {
    "CREATE_CASE": "CASE_CREATED",
    "WEBHOOK_DISABLED": "WEBHOOK_DISABLED",
    "WEBHOOK_DELIVERY_FAILED": "WEBHOOK_FAILED",
}
# A worker of the version before may have one in hand for so long.
_OLD_AFTER = timedelta(minutes=5)
_MOST_MOVED = 500

log = structlog.get_logger()


async def queue_notices(services: Services, conn: Connection, events: Iterable[tuple[UUID, UUID, str]]) -> None:
    """For events as (organization, id, type), in the transaction that takes them up; of any organizations."""
    if missing_setting(services.settings, "MAIL"):
        return
    told = [(organization_id, event_id) for organization_id, event_id, kind in events if kind in KIND_OF]
    if not told:
        return
    occasions = await queries.list_occasions(conn, [pair[0] for pair in told], [pair[1] for pair in told])
    rows = [row for occasion in occasions for row in await _rows(services, occasion)]
    if rows:
        await queries.insert_notices(conn, rows)


async def _rows(services: Services, occasion: Occasion) -> list[dict[str, object]]:
    try:
        data_key = await services.keyring.data_key(occasion.organization_id)
    except (UnsealError, LookupError) as error:
        # One organization without its key must not hold up the events of all others.
        log.error("notice_not_queued", organization_id=str(occasion.organization_id), error=type(error).__name__)
        return []
    messages = _messages(occasion, occasion.recipients, services.settings.public_url)
    return [new_row(occasion.organization_id, data_key, one) | {"event_id": occasion.event_id} for one in messages]


def _messages(occasion: Occasion, recipients: list[str], public_url: str | None) -> list[NewMessage]:
    """One for each recipient."""
    is_case = occasion.case_id is not None
    return [
        NewMessage(
            kind=KIND_OF[occasion.type],
            channel="MAIL",
            record_kind="case" if is_case else "webhook_endpoint",
            record_id=occasion.case_id or occasion.endpoint_id or occasion.event_id,
            content=write_notice(occasion, recipient, public_url),
            dedupe_key=f"{occasion.event_id} {recipient}",
        )
        for recipient in recipients
    ]


async def move_old_notifications(services: Services) -> None:
    """What waits in the table of before the outbox becomes messages."""
    if missing_setting(services.settings, "MAIL"):
        return
    async with services.db.across() as conn:
        found = await queries.list_old(conn, _OLD_AFTER, _MOST_MOVED)
    for organization_id, event_id in found:
        data_key = await services.keyring.data_key(organization_id)
        actor = system_actor(organization_id)
        async with services.db.transaction(actor) as conn:
            recipients = await queries.set_moved(conn, organization_id, event_id, _OLD_AFTER)
            for occasion in await queries.list_occasions(conn, [organization_id], [event_id]):
                await queue(conn, actor, data_key, *_messages(occasion, recipients, services.settings.public_url))
