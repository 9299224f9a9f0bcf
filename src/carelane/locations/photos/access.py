"""The link of a photo: organization and location, with an HMAC over both. It stays the same when the photo is another."""

from uuid import UUID

from carelane.kit import links
from carelane.kit.errors import RecordNotFoundError

PATH = "/location-photos"
_UUID_BYTES = 16


def path_of(key: bytes, organization_id: UUID, location_id: UUID) -> str:
    # Documents' links, which are under the same key, say eight bytes more.
    return f"{PATH}/{links.sign(key, organization_id.bytes + location_id.bytes)}"


def read_token(key: bytes, token: str) -> tuple[UUID, UUID]:
    """Organization and location. Raises RecordNotFoundError for a token that is not ours."""
    body = links.read(key, token, 2 * _UUID_BYTES)
    if body is None:
        raise RecordNotFoundError("no such photo")
    return UUID(bytes=body[:_UUID_BYTES]), UUID(bytes=body[_UUID_BYTES:])
