"""A logo by its address. Whoever knows it may see the picture: patients' pages and mails show it."""

import re

from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.organizations.logos import queries
from carelane.organizations.logos.queries import LogoFile
from carelane.organizations.logos.schemas import LogosOut
from carelane.organizations.logos.views import show_logos
from carelane.permissions import CATALOG_READ, requires
from carelane.services import Services

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


async def open_logo(services: Services, digest: str) -> LogoFile:
    """Raises RecordNotFoundError, for what can be no digest without asking the database."""
    found = None
    if _DIGEST.fullmatch(digest):
        async with services.db.across() as conn:
            found = await queries.find_file(conn, digest)
    if found is None:
        raise RecordNotFoundError("no such picture")
    return found


@requires(CATALOG_READ)
async def get_logos(services: Services, actor: Actor, base: str) -> LogosOut:
    """The organization's own, at addresses that begin with `base`."""
    async with services.db.reading(actor.organization_id) as conn:
        return show_logos(await queries.list_logos(conn, actor.organization_id), base)
