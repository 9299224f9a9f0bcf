"""The door to a document without credentials: a signed link. Organization, document and moment of expiry, with an HMAC over all
three; nothing is stored."""

import struct
from uuid import UUID

import msgspec

from carelane.documents.errors import DocumentNotFoundError, LinkExpiredError
from carelane.kit import clock, links

LIFETIME_SECONDS = 900
_BODY = struct.Struct(">16s16sQ")


class Link(msgspec.Struct, frozen=True):
    organization_id: UUID
    document_id: UUID


def sign_link(key: bytes, link: Link) -> str:
    """The token of a link that is good for LIFETIME_SECONDS, URL-safe."""
    expires_at = int(clock.now().timestamp()) + LIFETIME_SECONDS
    return links.sign(key, _BODY.pack(link.organization_id.bytes, link.document_id.bytes, expires_at))


def read_link(key: bytes, token: str) -> Link:
    """Raises DocumentNotFoundError for a token that is not ours, LinkExpiredError for one that was."""
    body = links.read(key, token, _BODY.size)
    if body is None:
        raise DocumentNotFoundError
    organization, document, expires_at = _BODY.unpack(body)
    if clock.now().timestamp() >= expires_at:
        raise LinkExpiredError
    return Link(UUID(bytes=organization), UUID(bytes=document))
