"""/api/v1/users/me/carried-answers: what the patient who signed in answered before."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.portal.carried import reads
from carelane.portal.carried.errors import NoSuchFormError
from carelane.portal.carried.schemas import CarriedAnswersOut
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Patient portal")


@routes.get("/users/me/carried-answers", "List one's own answers to carried questions", errors=(NoSuchFormError,))
async def list_my_carried_answers(
    request: ActorRequest,
    services: NamedDependency[Services],
    form_id: Annotated[str, QueryParameter(name="formId", description="UUID of a form that bundles show")],
) -> CarriedAnswersOut:
    """To fill a form in with. Of each question whose `carry` is true, the newest answer that the patient gave to the same question of
    this form, in any version. Documents are not among them, nor options that are gone."""
    found = parse_uuid(form_id)
    if found is None:
        raise InvalidRequestError(problems=[FieldProblem("formId", "expected a UUID", "query")])
    return await reads.list_carried_answers(services, request.auth, found)
