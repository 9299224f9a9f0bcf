"""/api/v1/users/me/cases: the cases of the patient who signed in, and the messages in them."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.ids import parse_uuid
from carelane.portal.messages import actions, reads
from carelane.portal.messages.errors import CaseClosedError, NoSuchCaseError, TooManyMessagesError
from carelane.portal.messages.schemas import (
    CaseMessageAnswerOut,
    CaseMessagesAnswerOut,
    MessageIn,
    OwnCasesAnswerOut,
    message_problems,
)
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Patient portal")

CaseId = Annotated[str, PathParameter(description="UUID of the case")]


@routes.get("/users/me/cases", "List one's own cases")
async def list_my_cases(request: ActorRequest, services: NamedDependency[Services]) -> OwnCasesAnswerOut:
    """The newest first, at most 100."""
    return await reads.list_cases(services, request.auth)


@routes.get("/users/me/cases/{case_id:str}/messages", "List the messages in one's own case", errors=(NoSuchCaseError,))
async def list_my_messages(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId
) -> CaseMessagesAnswerOut:
    """The newest 500, in the order they were written. Notes of the clinic are not among them."""
    return await reads.list_messages(services, request.auth, parse_uuid(case_id))


@routes.post(
    "/users/me/cases/{case_id:str}/messages",
    "Write a message in one's own case",
    errors=(NoSuchCaseError, CaseClosedError, TooManyMessagesError),
    rules=message_problems,
    repeatable=True,
)
async def write_my_message(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[MessageIn]
) -> CaseMessageAnswerOut:
    """At most 30 in an hour. Answers the clinic's question, if there is one open."""
    return await actions.write_message(services, request.auth, parse_uuid(case_id), data, await read_key(request))
