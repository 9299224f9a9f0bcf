"""The one signature of both directions: `Carelane-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.payload">`.

The payload is the exact bytes of the body; of a request without one, its path and query as in the request line.
"""

import hashlib
import hmac
from collections.abc import Mapping

from yarl import URL

from carelane.kit import clock
from carelane.pharmacies.errors import CallbackRefusedError

SIGNATURE_HEADER = "carelane-signature"
# An intercepted message can be replayed for this long; the pharmacy's clock may be wrong by as much.
MAX_AGE_SECONDS = 300


def sign(secret: bytes, payload: bytes) -> str:
    """The header's value for a message that leaves now."""
    second = int(clock.now().timestamp())
    return f"t={second},v1={_digest(secret, second, payload)}"


def target_of(url: str) -> bytes:
    """What is signed of a request without a body. `yarl` quotes it exactly as it is sent."""
    return URL(url).raw_path_qs.encode()


def require_signed(secret: bytes, headers: Mapping[str, str], payload: bytes) -> None:
    """Raises CallbackRefusedError. `headers` have lower-case names. The header may have several `v1`: one must be right."""
    fields = [part.strip().partition("=") for part in headers.get(SIGNATURE_HEADER, "").split(",")]
    seconds = [value for name, _, value in fields if name == "t"]
    if len(seconds) != 1 or not _is_recent(seconds[0]):
        raise CallbackRefusedError
    wanted = _digest(secret, int(seconds[0]), payload).encode()
    given = [value.encode(errors="replace") for name, _, value in fields if name == "v1"]
    # Each is compared in full: how long this takes says nothing about the right one.
    if not any([hmac.compare_digest(wanted, one) for one in given]):  # noqa: C419
        raise CallbackRefusedError


def _is_recent(second: str) -> bool:
    if not (second.isascii() and second.isdigit() and len(second) <= 12):
        return False
    return abs(clock.now().timestamp() - int(second)) <= MAX_AGE_SECONDS


def _digest(secret: bytes, second: int, payload: bytes) -> str:
    return hmac.new(secret, str(second).encode() + b"." + payload, hashlib.sha256).hexdigest()
