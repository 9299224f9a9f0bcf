"""The token of a link: the organization and the link, with an HMAC over both. Nobody can guess one. No I/O."""

from typing import Literal
from uuid import UUID

import msgspec

from carelane.kit import links

Kind = Literal["INVITATION", "RESET"]

# Where each kind leads to, below the server's public address.
PATHS: dict[Kind, str] = {"INVITATION": "/console/invitation", "RESET": "/console/reset"}
_BODY_BYTES = 32
_TOKEN_CHARACTERS = 64


class StaffLink(msgspec.Struct, frozen=True):
    organization_id: UUID
    id: UUID


def token_of(key: bytes, link: StaffLink) -> str:
    return links.sign(key, link.organization_id.bytes + link.id.bytes, links.SHORT_TAG_BYTES)


def url_of(key: bytes, base_url: str, kind: Kind, link: StaffLink) -> str:
    return f"{base_url.rstrip('/')}{PATHS[kind]}/{token_of(key, link)}"


def read_link(key: bytes, token: str) -> StaffLink | None:
    """None for a token that is not ours, without asking the database."""
    if len(token) != _TOKEN_CHARACTERS:
        return None
    body = links.read(key, token, _BODY_BYTES, links.SHORT_TAG_BYTES)
    return None if body is None else StaffLink(UUID(bytes=body[:16]), UUID(bytes=body[16:]))
