"""The ticket to set up a second factor: what a browser holds between the password and the first code. No I/O.

It says who, under which password, and until when, with an HMAC over all; nothing is stored. Another password makes it worthless.
"""

import hashlib
import struct
from uuid import UUID

import msgspec

from carelane.kit import clock, links
from carelane.web.html.cookies import SessionCookie

TICKET_SECONDS = 1_800
# For the pages below its path alone.
TICKET_COOKIE = SessionCookie("carelane_set_up", TICKET_SECONDS)
_BODY = struct.Struct(">16s16s16sQ")


class Ticket(msgspec.Struct, frozen=True):
    organization_id: UUID
    staff_id: UUID
    # Of the password's hash.
    fingerprint: bytes

    def __repr__(self) -> str:
        return "Ticket(***)"


def fingerprint_of(password_hash: str) -> bytes:
    return hashlib.sha256(password_hash.encode()).digest()[:16]


def issue_ticket(key: bytes, ticket: Ticket) -> str:
    ends = int(clock.now().timestamp()) + TICKET_SECONDS
    return links.sign(key, _BODY.pack(ticket.organization_id.bytes, ticket.staff_id.bytes, ticket.fingerprint, ends))


def read_ticket(key: bytes, presented: str | None) -> Ticket | None:
    """None for one that is not ours, or has ended."""
    body = links.read(key, presented, _BODY.size) if presented else None
    if body is None:
        return None
    organization_id, staff_id, fingerprint, ends = _BODY.unpack(body)
    if clock.now().timestamp() >= ends:
        return None
    return Ticket(UUID(bytes=organization_id), UUID(bytes=staff_id), fingerprint)
