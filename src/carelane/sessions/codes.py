"""Codes of the second factor: TOTP (RFC 6238), six digits, a new one every 30 seconds."""

import base64
import binascii
import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
# Clocks differ: the code before and the code after are accepted, too.
WINDOW_STEPS = 1
# A step that was used further from now was used by a clock that was ahead.
_AHEAD_STEPS = 60 // STEP_SECONDS
MIN_SECRET_BYTES = 16

# The place a sealed secret is bound to.
SECRET = "staff.totp_secret_sealed"  # noqa: S105 - a column


def new_secret() -> str:
    """160 random bits in base32, as authenticator apps take them."""
    return pyotp.random_base32()


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """The time step whose code this is, or None. A step's code must be accepted only once: the caller remembers the step."""
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    step = int(at.timestamp()) // STEP_SECONDS
    found = None
    # Every step is compared, so that the time taken does not tell which it was.
    for candidate in range(step - WINDOW_STEPS, step + WINDOW_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(candidate).encode(), code.encode()):
            found = candidate
    return found


def latest_step(at: datetime) -> int:
    """The last time step that can have been used by then, by a clock that is not more than a minute ahead of ours."""
    return int(at.timestamp()) // STEP_SECONDS + WINDOW_STEPS + _AHEAD_STEPS


def is_secret(text: str) -> bool:
    """Whether `text` is base32 of at least MIN_SECRET_BYTES bytes."""
    try:
        return len(base64.b32decode(_padded(text))) >= MIN_SECRET_BYTES
    except (binascii.Error, ValueError):
        return False


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 8)
