"""GET /api/v1/check-user and GET /api/v1/users. What is done with a user is in `surfaces/care/user_actions.py`."""

from typing import Annotated, Literal

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.patients.users import reads
from carelane.patients.users.reads import PHONE_PARAMETER, UserQuery
from carelane.patients.users.schemas import UserCheckOut, UserPageOut
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Users")

MAX_PAGE = 100
Order = Literal["asc", "desc"]
_ORDER = QueryParameter(name="sortOrder", description="Without it `asc`: the oldest first")


@routes.get("/check-user", "Check whether a user exists")
async def check_user(
    request: ActorRequest,
    services: NamedDependency[Services],
    email: Annotated[str | None, QueryParameter(max_length=320, description="Counts where both are given")] = None,
    phone_number: Annotated[
        str | None, QueryParameter(name=PHONE_PARAMETER, max_length=50, description="E.164, the plus sign as %2B")
    ] = None,
) -> UserCheckOut:
    """The answer is 200 either way; `success` and `data.code` say which it is. Users of other clinics are not found."""
    return await reads.check_user(services, request.auth, email, phone_number)


@routes.get("/users", "List users")
async def list_users(
    request: ActorRequest,
    services: NamedDependency[Services],
    email: Annotated[str | None, QueryParameter(max_length=320, description="What the address begins with")] = None,
    sort_order: Annotated[Order | None, _ORDER] = None,
    sor_order: Annotated[
        Order | None, QueryParameter(name="sorOrder", description="As `sortOrder`, in the vendor's older spelling")
    ] = None,
    sort_by: Annotated[Literal["createdAt"] | None, QueryParameter(name="sortBy")] = None,  # noqa: ARG001 - there is one
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_PAGE)] = 10,
    after: Annotated[str | None, QueryParameter(max_length=100, description="`meta.cursor` of the page before")] = None,
) -> UserPageOut:
    """Users by when their records were made. Those without an e-mail address are not among them."""
    if sort_order and sor_order and sort_order != sor_order:
        raise InvalidRequestError(problems=[FieldProblem("sorOrder", "expected the same as sortOrder", "query")])
    query = UserQuery(email=email, after=after, order=sort_order or sor_order or "asc", limit=limit)
    return await reads.list_users(services, request.auth, query)
