"""A patient's own profile."""

from carelane import events
from carelane.kit.auth import Actor
from carelane.patients.profiles.actions import get_profile as get_row
from carelane.permissions import PORTAL_OWN, requires
from carelane.portal.access import own_id
from carelane.portal.profile.schemas import ProfileAnswerOut
from carelane.portal.profile.views import show_profile
from carelane.services import Services


@requires(PORTAL_OWN)
async def get_profile(services: Services, actor: Actor) -> ProfileAnswerOut:
    """The read is recorded, as anybody's is."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        row = await get_row(conn, actor, own_id(actor))
        await events.record_read(conn, actor, "patient", row.id, "the patient's own profile")
    return show_profile(data_key, row)
