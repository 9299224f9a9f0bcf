"""Signed links: organization, document and moment of expiry, with an HMAC over all three. Nothing is stored."""

import base64
import hashlib
import hmac
import struct
from uuid import UUID

import msgspec

from carelane.documents.errors import DocumentNotFoundError, LinkExpiredError
from carelane.kit import clock

LIFETIME_SECONDS = 900
_BODY = struct.Struct(">16s16sQ")
_TAG_BYTES = 32


class Link(msgspec.Struct, frozen=True):
    organization_id: UUID
    document_id: UUID


def sign(key: bytes, link: Link) -> str:
    """The token of a link that is good for LIFETIME_SECONDS, URL-safe."""
    expires_at = int(clock.now().timestamp()) + LIFETIME_SECONDS
    body = _BODY.pack(link.organization_id.bytes, link.document_id.bytes, expires_at)
    return base64.urlsafe_b64encode(body + _tag(key, body)).decode().rstrip("=")


def read(key: bytes, token: str) -> Link:
    """Raises DocumentNotFoundError for a token that is not ours, LinkExpiredError for one that was."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        body, tag = raw[: _BODY.size], raw[_BODY.size :]
        organization, document, expires_at = _BODY.unpack(body)
    except (ValueError, struct.error):
        raise DocumentNotFoundError from None
    # The last base64 letter has spare bits; only the one canonical spelling of a link is good.
    canonical = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    if not hmac.compare_digest(tag, _tag(key, body)) or canonical != token:
        raise DocumentNotFoundError
    if clock.now().timestamp() >= expires_at:
        raise LinkExpiredError
    return Link(UUID(bytes=organization), UUID(bytes=document))


def _tag(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()
