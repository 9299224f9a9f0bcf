"""Cookies that say who somebody is, made by one set of rules.

No script can read them (HttpOnly), requests that another site makes do not carry them (SameSite), and browsers send them over
TLS only (Secure), unless the server itself is reached without TLS.
"""

import struct
from typing import Any, Literal

import msgspec
from litestar import Request
from litestar.datastructures import Cookie

from carelane.kit import clock, links
from carelane.web.html.security import AnyConnection

_EXPIRY = struct.Struct(">Q")


class SessionCookie(msgspec.Struct, frozen=True):
    name: str
    lifetime_seconds: int
    same_site: Literal["lax", "strict"] = "lax"

    def read(self, connection: AnyConnection) -> str | None:
        return connection.cookies.get(self.name) or None

    def make(self, value: str, *, path: str, is_secure: bool) -> Cookie:
        return self._cookie(value, self.lifetime_seconds, path, is_secure=is_secure)

    def remove(self, *, path: str, is_secure: bool) -> Cookie:
        return self._cookie("", 0, path, is_secure=is_secure)

    def _cookie(self, value: str, max_age: int, path: str, *, is_secure: bool) -> Cookie:
        return Cookie(
            self.name,
            path=path,
            value=value,
            max_age=max_age,
            httponly=True,
            samesite=self.same_site,
            secure=is_secure,
        )


class SignedCookie(SessionCookie, frozen=True):
    """A cookie that proves what it says by a signature, until it expires. Nothing is stored on the server."""

    def issue(self, key: bytes, body: bytes) -> str:
        """A value that is good for the cookie's lifetime."""
        expires_at = int(clock.now().timestamp()) + self.lifetime_seconds
        return links.sign(key, body + _EXPIRY.pack(expires_at))

    def is_good(self, key: bytes, body: bytes, presented: str | None) -> bool:
        """Whether the value was issued for this very body, and has not expired."""
        signed = links.read(key, presented, len(body) + _EXPIRY.size) if presented else None
        if signed is None or signed[: len(body)] != body:
            return False
        (expires_at,) = _EXPIRY.unpack(signed[len(body) :])
        return clock.now().timestamp() < float(expires_at)


def is_secure(request: Request[Any, Any, Any], public_url: str | None) -> bool:
    """Whether people reach this server over TLS."""
    return (public_url or str(request.base_url)).lower().startswith("https:")
