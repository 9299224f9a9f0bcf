"""/api/staff/messages: what mail and text messages left, or did not; send a failed one again."""

from typing import Annotated
from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.messages import actions, reads
from carelane.messages.errors import MessageNotFoundError, MessageStateError
from carelane.messages.schemas import MessageFilter, MessageOut, MessagePageOut
from carelane.messages.states import Status
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: messages")

MessageId = Annotated[str, PathParameter(description="UUID of the message")]


@routes.get("/messages", "List messages")
async def list_messages(
    request: ActorRequest,
    services: NamedDependency[Services],
    status: Annotated[list[Status] | None, QueryParameter(description="Any of these; may be repeated")] = None,
    record_id: Annotated[
        str | None, QueryParameter(name="recordId", description="UUID of the case, quote or endpoint it tells of")
    ] = None,
    after: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="How many at most")] = 50,
) -> MessagePageOut:
    """The organization's mail and text messages, newest first, page by page; without what they say. A recipient is masked."""
    wanted = MessageFilter(statuses=status, record_id=_uuid_or_none("recordId", record_id))
    return await reads.list_messages(services, request.auth, wanted, _uuid_or_none("after", after), limit)


@routes.post(
    "/messages/{message_id:str}/retry", "Send a message again", errors=(MessageNotFoundError, MessageStateError)
)
async def retry_message(
    request: ActorRequest, services: NamedDependency[Services], message_id: MessageId
) -> MessageOut:
    """Puts a message that was given up back into the queue, with all its attempts. The worker sends it: the answer does not
    wait for the mail server."""
    return await actions.retry_message(services, request.auth, message_id)


def _uuid_or_none(name: str, text: str | None) -> UUID | None:
    """Raises InvalidRequestError."""
    found = None if text is None else parse_uuid(text)
    if text is not None and found is None:
        raise InvalidRequestError(problems=[FieldProblem(name, "expected a UUID", "query")])
    return found
