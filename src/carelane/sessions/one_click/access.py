"""The token of a demo's link: the organization and the member, with an HMAC over both; and where it is good. No I/O."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from litestar import Request

from carelane.kit import links
from carelane.sessions.access import LOOPBACK, is_on_loopback
from carelane.settings import Settings
from carelane.web.requests import caller_address

PATH = "/console/demo"
# Longer than other bodies under the same key, so that none passes for another.
_MARK = b"demo"


class OneClick(msgspec.Struct, frozen=True):
    organization_id: UUID
    staff_id: UUID


def path_of(key: bytes, link: OneClick) -> str:
    return f"{PATH}/{links.sign(key, link.organization_id.bytes + link.staff_id.bytes + _MARK)}"


def read_one_click(key: bytes, token: str) -> OneClick | None:
    """None for a token that is not ours."""
    body = links.read(key, token, 32 + len(_MARK))
    return OneClick(UUID(bytes=body[:16]), UUID(bytes=body[16:32])) if body and body.endswith(_MARK) else None


def is_good_here(request: Request[Any, Any, Any], settings: Settings) -> bool:
    """Whether the server is for its own machine alone, and the request comes from there: not from a proxy that stands before it."""
    public_host = urlsplit(settings.public_url).hostname if settings.public_url else None
    is_private = public_host is None or public_host in LOOPBACK
    return is_private and is_on_loopback(request, settings) and _is_loopback(caller_address(request))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
