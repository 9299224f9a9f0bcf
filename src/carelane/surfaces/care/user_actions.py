"""POST /api/v1/users: one URL for whatever a storefront does with a user; the body's `action` says which act it is."""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.kit.errors import ConflictError, RuleBrokenError
from carelane.patients.users import actions as users
from carelane.patients.users.errors import (
    UserAmbiguousError,
    UserExistsError,
    UserNotFoundError,
)
from carelane.patients.users.schemas import (
    CreateUserIn,
    UpdateEmailIn,
    UpdateProfileIn,
    UserAnswerOut,
)
from carelane.payments.errors import GatewayAwayError
from carelane.payments.methods.actions import update_payment
from carelane.payments.methods.schemas import PaymentInfoOut, UpdatePaymentIn
from carelane.services import Services
from carelane.surfaces.care.action_table import Action, ActionBody, ActionTable, SentAction
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

USER_ACTIONS = ActionTable(
    {
        "CREATE_USER": Action(schema=CreateUserIn, act=users.create_user),
        "UPDATE_PROFILE": Action(schema=UpdateProfileIn, act=users.update_profile),
        "UPDATE_EMAIL": Action(schema=UpdateEmailIn, act=users.update_email),
        "UPDATE_PAYMENT_INFO": Action(schema=UpdatePaymentIn, act=update_payment),
    }
)


class UserActionBody(ActionBody):
    table = USER_ACTIONS


routes = Routes(tag="Users", body=UserActionBody)


@routes.post(
    "/users",
    "Create or change a user",
    errors=(
        RuleBrokenError,
        UserNotFoundError,
        UserExistsError,
        UserAmbiguousError,
        ConflictError,
        GatewayAwayError,
    ),
    repeatable=True,
)
async def act_on_user(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[SentAction]
) -> UserAnswerOut | PaymentInfoOut:
    """`CREATE_USER`, `UPDATE_PROFILE`, `UPDATE_EMAIL` and `UPDATE_PAYMENT_INFO`.

    Names, birth date and gender cannot be changed once a clinician was given a case of the user; the e-mail address always can.
    """
    act = USER_ACTIONS.choose(data)
    return await act(services, request.auth, data.body, await read_key(request))  # type: ignore[no-any-return]
