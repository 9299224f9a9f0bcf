"""Codes of the second factor: TOTP (RFC 6238), six digits, a new one every 30 seconds; and recovery codes, one use each."""

import base64
import binascii
import hmac
import secrets
from datetime import datetime
from uuid import UUID

import pyotp

from carelane.kit.phi import DataKey

STEP_SECONDS = 30
# Clocks differ: the code before and the code after are accepted, too.
WINDOW_STEPS = 1
# A step that was used further from now was used by a clock that was ahead.
_AHEAD_STEPS = 60 // STEP_SECONDS
MIN_SECRET_BYTES = 16

# The place a sealed secret is bound to; one that is being set up moves there as it is.
SECRET = "staff.totp_secret_sealed"  # noqa: S105 - a column
RECOVERY = "recovery_codes.code_digest"
MAX_RECOVERY_CODES = 10
# 32 letters and digits that nobody takes for one another: 50 random bits in a code.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_HALF_CHARACTERS = 5


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


def new_recovery_codes() -> list[str]:
    """`K7P2M-9QXWB`, ten of them."""
    halves = ("".join(secrets.choice(_LETTERS) for _ in range(_HALF_CHARACTERS)) for _ in range(2 * MAX_RECOVERY_CODES))
    return [f"{half}-{other}" for half, other in zip(halves, halves, strict=True)]


def recovery_digest(data_key: DataKey, staff_id: UUID, code: str) -> bytes:
    """What is kept of a code, however its owner writes it."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return data_key.digest(staff_id.bytes + plain.encode(), RECOVERY)


def otpauth_uri(secret: str, email: str, clinic: str) -> str:
    """What an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=email, issuer_name=clinic)
