"""The feed of events on the wire."""

from typing import Any

import msgspec

from carelane.kit.phi import Phi


class FeedOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`events` are bodies as a webhook carries them, with `position`. `after` is for the next question."""

    events: list[dict[str, Any]]
    after: int
    has_more: bool


class FeedAnswerOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    data: FeedOut
