"""The one door to a receipt as a PDF, with the clinic's logo on it."""

import msgspec

from carelane.bills.printing.views import Printed, logo_of, render
from carelane.kit.auth import Actor
from carelane.kit.typesetting import in_typesetter
from carelane.organizations.logos.queries import find_receipt_logo
from carelane.services import Services


async def print_receipt(services: Services, actor: Actor, printed: Printed) -> bytes:
    """Of a receipt that the actor was shown."""
    async with services.db.reading(actor.organization_id) as conn:
        content = await find_receipt_logo(conn, actor.organization_id)
    return await in_typesetter(render, msgspec.structs.replace(printed, logo=logo_of(content) if content else None))
