"""Who and what appears in the tests of webhooks."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from uuid import UUID

from carelane import events
from carelane.kit.auth import Actor, system_actor
from carelane.services import Services
from tests.factories.accounts import bearer
from tests.factories.staff import hire
from tests.receiver import Received, Receiver


class Hooked(NamedTuple):
    """An endpoint and the path it leads to."""

    id: str
    path: str
    secret: str
    receiver: Receiver

    async def gets(self, event: str, count: int = 1, seconds: float = 20.0) -> list[Received]:
        """The requests with that event, once there are `count` of them."""

        def look(receiver: Receiver) -> list[Received]:
            found = [request for request in receiver.at(self.path) if request.json["event"] == event]
            return found if len(found) >= count else []

        found: list[Received] = await self.receiver.until(look, seconds)
        return found


async def admin_headers(services: Services, organization_id: UUID, role: str = "ADMIN") -> dict[str, str]:
    staff_id = await hire(services, organization_id, "Ada", "Berg", role=role)
    return await bearer(services, organization_id, staff_id)


async def happen(services: Services, organization_id: UUID, case_id: UUID, *acts: dict[str, Any], **one: Any) -> None:
    """Records events of a case, as acts do: its row locked, in one transaction."""
    actor = system_actor(organization_id)
    async with services.db.transaction(actor) as conn:
        await conn.execute(
            "SELECT FROM cases WHERE organization_id = %s AND id = %s FOR NO KEY UPDATE", (organization_id, case_id)
        )
        made = [_event(actor, case_id, **values) for values in (acts or (one,))]
        await events.record(conn, *made)


def _event(actor: Actor, case_id: UUID, *, by: UUID | None = None, **values: Any) -> events.Event:
    acting = actor if by is None else Actor(actor.organization_id, "staff", by)
    return events.new_event(acting, values.pop("type"), case_id, **values)


async def until(look: Callable[[], Awaitable[Any]], seconds: float = 20.0) -> Any:
    """The first true thing that `look` returns."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        if found := await look():
            return found
        assert asyncio.get_running_loop().time() < deadline, f"waited {seconds} s in vain"
        await asyncio.sleep(0.05)
