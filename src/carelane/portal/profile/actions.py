"""A patient changes their own profile."""

from carelane.kit.auth import Actor
from carelane.kit.errors import InvalidRequestError
from carelane.patients.profiles.actions import change_profile
from carelane.permissions import PORTAL_OWN, requires
from carelane.portal.access import own_id
from carelane.portal.profile.schemas import OwnProfileIn, ProfileAnswerOut, own_profile_problems
from carelane.portal.profile.views import show_profile
from carelane.services import Services


@requires(PORTAL_OWN)
async def update_profile(services: Services, actor: Actor, body: OwnProfileIn) -> ProfileAnswerOut:
    """All of it or nothing. Raises InvalidRequestError, RuleBrokenError (held since a case was assigned), ConflictError."""
    if problems := list(own_profile_problems(body)):
        raise InvalidRequestError(problems=problems)
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        row = await change_profile(conn, actor, data_key, own_id(actor), body)
    return show_profile(data_key, row)
