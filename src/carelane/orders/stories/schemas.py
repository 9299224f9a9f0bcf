"""What may happen at the simulator."""

from typing import Literal
from uuid import UUID

import msgspec

from carelane.orders.states import OrderStatus

# REST: the simulator goes its usual way to the end, each thing in its time. The others happen once, and then it waits.
Story = Literal["ACCEPT", "SHIP", "DELIVER", "REJECT", "CANCEL", "REST"]


class StoryIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`is_silent`: it happens, and no callback tells of it."""

    story: Story
    is_silent: bool = False


class StoryToldOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`status` is the order's as we know it; what the simulator tells comes by callback."""

    id: UUID
    story: Story
    status: OrderStatus
