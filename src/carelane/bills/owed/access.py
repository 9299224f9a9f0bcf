"""Where a patient may be led back to once a bill is paid: pages of the organization's storefronts only."""

from urllib.parse import urlsplit
from uuid import UUID

from carelane.bills.owed import queries
from carelane.kit.db import Connection
from carelane.organizations.access import is_origin

MAX_URL_CHARACTERS = 2_000
RETURN_EXPECTED = "expected an address at one of the origins that the organization lists for its storefronts"


async def may_return_to(conn: Connection, organization_id: UUID, url: str) -> bool:
    if len(url) > MAX_URL_CHARACTERS or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    origin = f"{parts.scheme}://{parts.netloc}"
    if not is_origin(origin) or not url.startswith(origin):
        return False
    return await queries.find_allowed_origin(conn, organization_id, origin) is not None
