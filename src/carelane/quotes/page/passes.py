"""The cookie of who has shown who they are: for one link, for half an hour. Signed, and stored nowhere. Pure."""

import struct
from uuid import UUID

from carelane.kit import clock, links
from carelane.quotes.links import QuoteLink

COOKIE = "carelane_quote"
LIFETIME_SECONDS = 1_800
# Longer than a link's body, so that under their common key neither passes for the other.
_BODY = struct.Struct(">16s16sQ")


def issue(key: bytes, link: QuoteLink) -> str:
    expires_at = int(clock.now().timestamp()) + LIFETIME_SECONDS
    return links.sign(key, _BODY.pack(link.organization_id.bytes, link.quote_id.bytes, expires_at))


def is_good(key: bytes, link: QuoteLink, presented: str | None) -> bool:
    body = links.read(key, presented, _BODY.size) if presented else None
    if body is None:
        return False
    organization, quote, expires_at = _BODY.unpack(body)
    is_its = QuoteLink(UUID(bytes=organization), UUID(bytes=quote)) == link
    return is_its and clock.now().timestamp() < float(expires_at)
