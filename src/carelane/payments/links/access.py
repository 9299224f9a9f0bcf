"""Links to the page of a payment: whoever has one may make that payment; nobody can guess one. No I/O.

A link holds the organization and the payment, which link of the payment it is and when it ends, with an HMAC over all. Nothing is
stored. It is good until it ends, and until staff have a new one sent.
"""

import struct
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from carelane.kit import links
from carelane.kit.auth import Actor
from carelane.permissions import PATIENT

PATH = "/pay"
LIFETIME = timedelta(days=14)
_BODY = struct.Struct(">16s16sII")
_TOKEN_CHARACTERS = 75


class PaymentLink(msgspec.Struct, frozen=True):
    organization_id: UUID
    payment_id: UUID
    version: int
    expires_at: datetime

    def body(self) -> bytes:
        ends = int(self.expires_at.timestamp())
        return _BODY.pack(self.organization_id.bytes, self.payment_id.bytes, self.version, ends)


def link_from(organization_id: UUID, payment_id: UUID, version: int, made_at: datetime) -> PaymentLink:
    """A link that was made then."""
    return PaymentLink(organization_id, payment_id, version, (made_at + LIFETIME).replace(microsecond=0))


def token_of(key: bytes, link: PaymentLink) -> str:
    return links.sign(key, link.body(), links.SHORT_TAG_BYTES)


def url_of(key: bytes, base_url: str, link: PaymentLink) -> str:
    return f"{base_url.rstrip('/')}{PATH}/{token_of(key, link)}"


def base_path(public_url: str | None) -> str:
    """Where the pages are, for links among them: a public URL may have a path of its own."""
    return urlsplit(public_url or "").path.rstrip("/") + PATH


def read_link(key: bytes, token: str) -> PaymentLink | None:
    """None for a token that is not ours, without asking the database. One that has ended is ours all the same."""
    if len(token) != _TOKEN_CHARACTERS:
        return None
    body = links.read(key, token, _BODY.size, links.SHORT_TAG_BYTES)
    if body is None:
        return None
    organization_id, payment_id, version, ends = _BODY.unpack(body)
    return PaymentLink(UUID(bytes=organization_id), UUID(bytes=payment_id), version, datetime.fromtimestamp(ends, UTC))


def reader_of(organization_id: UUID, request_id: str | None) -> Actor:
    """The actor of a request with a link. Which patient it is follows from the payment."""
    return Actor(organization_id, "patient", scopes=PATIENT, request_id=request_id)
