"""What a gateway is answered, and what staff see of its events."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

EventStatus = Literal["RECEIVED", "APPLIED", "UNMATCHED", "IGNORED"]
CameBy = Literal["WEBHOOK", "POLL"]


class EventTakenOut(msgspec.Struct, frozen=True):
    """`duplicate`: an event of that id was kept before."""

    status: Literal["kept", "duplicate"]


class GatewayEventOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`cameBy` is POLL for one whose webhook never arrived. `failure` says why it was not applied, or is ignored."""

    id: UUID
    event_id: str
    type: str
    object_id: str
    intent_id: str | None
    is_test: bool
    status: EventStatus
    came_by: CameBy
    tries: int
    failure: str | None
    happened_at: datetime
    received_at: datetime
    next_look_at: datetime | None


class GatewayEventPageOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Newest first. `next` is what to send as `after` for the page behind this one; null on the last."""

    events: list[GatewayEventOut]
    next: UUID | None
