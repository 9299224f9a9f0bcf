"""The read of a photo by its link. Whoever has the link may see it: patients' pages show it."""

from carelane.kit.errors import RecordNotFoundError
from carelane.locations.photos.access import read_token
from carelane.locations.photos.queries import Photo, find_photo
from carelane.services import Services


async def open_link(services: Services, token: str) -> Photo:
    """Raises RecordNotFoundError."""
    organization_id, location_id = read_token(services.link_key, token)
    async with services.db.reading(organization_id) as conn:
        found = await find_photo(conn, organization_id, location_id)
    if found is None:
        raise RecordNotFoundError("no such photo")
    return found
