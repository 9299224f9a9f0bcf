"""What follows an attempt at a delivery. No I/O, but the waits are random.

PENDING → DELIVERED   the receiver answered 2xx
   │ ↖ retry          anything else, until the waits below are used up
   ├→ FAILED          they are; or the receiver answered 410, which also switches its endpoint off
   └→ CANCELED        its endpoint was switched off
"""

import random
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Literal

import msgspec

from carelane.kit.phi import Phi

DeliveryStatus = Literal["PENDING", "DELIVERED", "FAILED", "CANCELED"]

# Seconds between attempts: 75.7 hours in all, as long as the first wait is the usual five seconds.
WAITS_SECONDS = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 86_400)
MAX_ATTEMPTS = len(WAITS_SECONDS) + 1
# Receivers that came back at the same moment are not all called at the same moment.
JITTER = 0.1
# However long a receiver asks us to wait.
LONGEST_WAIT_SECONDS = 86_400.0
# After this many failures of one event, later ones of its case overtake it.
PATIENT_ATTEMPTS = 5


class Outcome(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What an attempt led to. `failure` is one of our own words, never the receiver's; None after a 2xx. `said` is how the
    receiver's words begin, which may repeat what it was sent."""

    failure: str | None
    http_status: int | None = None
    retry_after: str | None = None
    said: bytes = b""


class Next(msgspec.Struct, frozen=True):
    """`wait_seconds` until the next attempt while the status is PENDING. `is_gone`: the endpoint wants no more."""

    status: DeliveryStatus
    wait_seconds: float = 0.0
    is_gone: bool = False


def judge(http_status: int, headers: Mapping[str, str], said: bytes = b"") -> Outcome:
    """The outcome of an attempt that was answered. A redirect is no success: it is not followed."""
    if 200 <= http_status < 300:
        return Outcome(failure=None, http_status=http_status, said=said)
    word = "redirect" if 300 <= http_status < 400 else "gone" if http_status == 410 else "refused"
    asked = headers.get("retry-after") if http_status in {429, 503} else None
    return Outcome(failure=word, http_status=http_status, retry_after=asked, said=said)


def after(outcome: Outcome, attempt: int, first_wait_seconds: float, now: datetime) -> Next:
    """What follows the attempt of this number, counted from 1."""
    if outcome.failure is None:
        return Next("DELIVERED")
    if outcome.failure == "gone":
        return Next("FAILED", is_gone=True)
    if attempt >= MAX_ATTEMPTS:
        return Next("FAILED")
    own = WAITS_SECONDS[attempt - 1] * first_wait_seconds / WAITS_SECONDS[0] * random.uniform(1 - JITTER, 1 + JITTER)
    asked = _asked_seconds(outcome.retry_after, now) * random.uniform(1, 1 + JITTER)
    # The longer of both: a receiver that asks for less must not use up the attempts before their time.
    return Next("PENDING", max(own, min(asked, LONGEST_WAIT_SECONDS)))


def _asked_seconds(retry_after: str | None, now: datetime) -> float:
    """`Retry-After` as RFC 9110 has it: seconds or a date. 0 for what cannot be read."""
    if not retry_after:
        return 0.0
    if retry_after.isdecimal():
        return min(float(retry_after), LONGEST_WAIT_SECONDS)
    try:
        return max((parsedate_to_datetime(retry_after) - now).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return 0.0
