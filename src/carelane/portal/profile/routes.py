"""/api/v1/users/me: the profile of the patient who signed in."""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.kit.errors import ConflictError, RuleBrokenError
from carelane.portal.profile import actions, reads
from carelane.portal.profile.schemas import OwnProfileIn, ProfileAnswerOut, own_profile_problems
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Patient portal")


@routes.get("/users/me", "Get one's own profile")
async def get_my_profile(request: ActorRequest, services: NamedDependency[Services]) -> ProfileAnswerOut:
    """Seventeen members; what is not known is null."""
    return await reads.get_profile(services, request.auth)


@routes.patch(
    "/users/me",
    "Change one's own profile",
    errors=(RuleBrokenError, ConflictError),
    rules=own_profile_problems,
)
async def update_my_profile(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[OwnProfileIn]
) -> ProfileAnswerOut:
    """Changes what is sent, all of it or nothing. Null removes an address line, city, postal code, or what is said of the health.

    Names, birth date and gender cannot be changed once a clinician was given a case of the patient.
    """
    return await actions.update_profile(services, request.auth, data)
