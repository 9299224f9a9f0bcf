"""Where a message is, and what follows an attempt. No I/O."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from carelane.messages.errors import SendError

Status = Literal["QUEUED", "SENDING", "SENT", "FAILED", "CANCELED"]

MAX_ATTEMPTS = 8


class Outcome(msgspec.Struct, frozen=True):
    """What came of an attempt. `due_at`: when the next one is due, if there is one."""

    status: Status
    failure: str | None = None
    due_at: datetime | None = None


def outcome_of(
    failure: SendError | None, attempts: int, expires_at: datetime | None, now: datetime, wait_seconds: float
) -> Outcome:
    """Of attempt number `attempts`. A failed message waits so long for the next, unless it is given up."""
    if failure is None:
        return Outcome("SENT")
    due_at = now + timedelta(seconds=wait_seconds)
    is_too_late = expires_at is not None and due_at >= expires_at
    if failure.is_final or is_too_late or attempts >= MAX_ATTEMPTS:
        return Outcome("FAILED", str(failure))
    return Outcome("QUEUED", str(failure), due_at)
