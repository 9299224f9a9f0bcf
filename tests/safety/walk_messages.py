"""The tenant walk's part about mail and text messages."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.messages.actions import queue
from carelane.messages.schemas import Content, NewMessage
from carelane.services import Services
from tests.factories.rows import update_row

MESSAGES = "/api/staff/messages"


async def write_marked(services: Services, organization_id: UUID, case_id: UUID, mark: str) -> UUID:
    """A message of the victim that was given up; all of it holds the mark."""
    actor = system_actor(organization_id)
    data_key = await services.keyring.data_key(organization_id)
    message = NewMessage(
        kind="CASE_CREATED",
        channel="MAIL",
        record_kind="case",
        record_id=case_id,
        content=Content(f"{mark}@{mark}.example", mark, mark),
        due_at=clock.now().replace(year=2199),
    )
    async with services.db.transaction(actor) as conn:
        (message_id,) = await queue(conn, actor, data_key, message)
    failed = {"status": "FAILED", "failure": mark, "due_at": None, "settled_at": clock.now()}
    await update_row(services, organization_id, "messages", message_id, **failed)
    return message_id


def walk_messages(
    message_id: UUID, case_id: UUID, administrator: dict[str, str]
) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """(route, (method, url, options)) pairs: the victim's ids, the other's credentials."""
    seen = {"headers": administrator}
    for query in (
        {},
        {"recordId": str(case_id)},
        {"status": "FAILED"},
        {"after": "ffffffff-ffff-7fff-bfff-ffffffffffff"},
    ):
        yield f"GET {MESSAGES}", ("GET", MESSAGES, seen | {"params": query})
    yield f"POST {MESSAGES}/{{message_id}}/retry", ("POST", f"{MESSAGES}/{message_id}/retry", seen)
