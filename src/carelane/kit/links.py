"""Signed tokens for links: the bytes that say what a link leads to, and an HMAC over them. Nothing is stored."""

import base64
import hashlib
import hmac

WHOLE_TAG_BYTES = 32
# For links that people get as a text message: 128 bits cannot be guessed either (RFC 2104, section 5).
SHORT_TAG_BYTES = 16


def sign(key: bytes, body: bytes, tag_bytes: int = WHOLE_TAG_BYTES) -> str:
    """The URL-safe token of `body`. Whoever holds a token can read what it says, and only who holds the key can make one.

    Under one key, tokens that mean different things must have bodies of different lengths.
    """
    return _spell(body + _tag(key, body)[:tag_bytes])


def read(key: bytes, token: str, body_bytes: int, tag_bytes: int = WHOLE_TAG_BYTES) -> bytes | None:
    """The body of a token that `sign` made with this key and these lengths, else None."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    body, tag = raw[:body_bytes], raw[body_bytes:]
    # The last base64 letter has spare bits; only the one canonical spelling of a token is good.
    is_ours = len(tag) == tag_bytes and hmac.compare_digest(tag, _tag(key, body)[:tag_bytes]) and _spell(raw) == token
    return body if is_ours else None


def _spell(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _tag(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()
