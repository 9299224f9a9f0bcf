"""Links to appointments: whoever has one may see, move and cancel the appointment; nobody can guess one. No I/O.

A link holds the organization and the appointment with an HMAC over both; nothing is stored. A clinician's link, through which
patients book, holds the organization and the clinician, and is one byte longer, so that neither passes for the other.
"""

from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from carelane.kit import links
from carelane.kit.auth import Actor
from carelane.permissions import PATIENT

PATH = "/a"
_LINK_BYTES = 32
_BOOKING_MARK = b"b"
# Two UUIDs, the mark of a booking link, and the tag, in base64.
_TOKEN_CHARACTERS = 64
_BOOKING_TOKEN_CHARACTERS = 66


class AppointmentLink(msgspec.Struct, frozen=True):
    organization_id: UUID
    appointment_id: UUID

    def body(self) -> bytes:
        return self.organization_id.bytes + self.appointment_id.bytes


class EventType(msgspec.Struct, frozen=True):
    """The clinician with whom a link books."""

    organization_id: UUID
    staff_id: UUID

    def body(self) -> bytes:
        return self.organization_id.bytes + self.staff_id.bytes + _BOOKING_MARK


def token_of(key: bytes, link: AppointmentLink | EventType) -> str:
    return links.sign(key, link.body(), links.SHORT_TAG_BYTES)


def reschedule_url(key: bytes, base_url: str, link: AppointmentLink) -> str:
    return f"{_page_url(key, base_url, link)}/reschedule"


def cancel_url(key: bytes, base_url: str, link: AppointmentLink) -> str:
    return f"{_page_url(key, base_url, link)}/cancel"


def booking_url(key: bytes, base_url: str, link: EventType) -> str:
    return f"{_page_url(key, base_url, link)}/book"


def _page_url(key: bytes, base_url: str, link: AppointmentLink | EventType) -> str:
    return f"{base_url.rstrip('/')}{PATH}/{token_of(key, link)}"


def base_path(public_url: str | None) -> str:
    """Where the pages are, for links among them: a public URL may have a path of its own."""
    return urlsplit(public_url or "").path.rstrip("/") + PATH


def read_link(key: bytes, token: str) -> AppointmentLink | None:
    """None for a token that is not ours, without asking the database."""
    if len(token) != _TOKEN_CHARACTERS:
        return None
    body = links.read(key, token, _LINK_BYTES, links.SHORT_TAG_BYTES)
    return None if body is None else AppointmentLink(UUID(bytes=body[:16]), UUID(bytes=body[16:]))


def read_booking_link(key: bytes, token: str) -> EventType | None:
    """As `read_link`, of a clinician's."""
    if len(token) != _BOOKING_TOKEN_CHARACTERS:
        return None
    body = links.read(key, token, _LINK_BYTES + 1, links.SHORT_TAG_BYTES)
    is_booking = body is not None and body.endswith(_BOOKING_MARK)
    return EventType(UUID(bytes=body[:16]), UUID(bytes=body[16:32])) if body is not None and is_booking else None


def reader_of(organization_id: UUID, request_id: str | None) -> Actor:
    """The actor of a request with a link. Which patient it is follows from the appointment."""
    return Actor(organization_id, "patient", scopes=PATIENT, request_id=request_id)
