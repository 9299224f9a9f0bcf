"""Links to a quote's page: organization and quote, with an HMAC over both. Nothing is stored, and nobody can guess one.

A link is good for as long as the quote is; what the page then shows follows from the quote's status.
"""

from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from carelane.kit import links

PATH = "/q"
_BODY_BYTES = 32
TOKEN_CHARACTERS = 64


class QuoteLink(msgspec.Struct, frozen=True):
    organization_id: UUID
    quote_id: UUID


def token_of(key: bytes, link: QuoteLink) -> str:
    return links.sign(key, link.organization_id.bytes + link.quote_id.bytes, links.SHORT_TAG_BYTES)


def url_of(key: bytes, public_url: str, link: QuoteLink) -> str:
    return f"{public_url.rstrip('/')}{PATH}/{token_of(key, link)}"


def base_path(public_url: str | None) -> str:
    """Where the pages lie, for links among them: a public URL may have a path of its own."""
    return urlsplit(public_url or "").path.rstrip("/") + PATH


def read(key: bytes, token: str) -> QuoteLink | None:
    """None for a token that is not ours; no database is asked."""
    if len(token) != TOKEN_CHARACTERS:
        return None
    body = links.read(key, token, _BODY_BYTES, links.SHORT_TAG_BYTES)
    return None if body is None else QuoteLink(UUID(bytes=body[:16]), UUID(bytes=body[16:]))
