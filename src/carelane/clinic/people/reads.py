"""A member as administrators change one."""

from carelane.clinic.people.schemas import MemberSettingsOut, RolePermissionOut, RolesOut
from carelane.clinic.people.views import member_out
from carelane.kit.auth import Actor
from carelane.permissions import MEANINGS, OF_ROLE, STAFF_MANAGE, requires
from carelane.services import Services
from carelane.staff.access import get_member


@requires(STAFF_MANAGE)
async def get_member_settings(services: Services, actor: Actor, ref: str) -> MemberSettingsOut:
    """Raises MemberNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        return member_out(await get_member(conn, actor, ref))


@requires(STAFF_MANAGE)
async def list_roles(services: Services, actor: Actor) -> RolesOut:
    """What each role may do: the same in every clinic."""
    del services, actor
    told = [
        RolePermissionOut(
            permission=permission, meaning=meaning, roles=[role for role, of in OF_ROLE.items() if permission in of]
        )
        for permission, meaning in MEANINGS.items()
    ]
    return RolesOut(roles=list(OF_ROLE), permissions=[one for one in told if one.roles])
