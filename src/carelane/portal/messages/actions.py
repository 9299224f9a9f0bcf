"""A patient writes in their case."""

from datetime import timedelta
from uuid import UUID

from carelane import events
from carelane.conversations.queries import COMMENT_TEXT, Comment, insert_comment
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import InvalidRequestError
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey
from carelane.messages.actions import missing_setting, queue
from carelane.permissions import PORTAL_OWN, requires
from carelane.portal.access import own_id
from carelane.portal.messages import queries
from carelane.portal.messages.errors import CaseClosedError, NoSuchCaseError, TooManyMessagesError
from carelane.portal.messages.queries import CaseHeld
from carelane.portal.messages.schemas import CaseMessageAnswerOut, MessageIn, message_problems
from carelane.portal.messages.views import show_message, tell_clinic
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

WINDOW = timedelta(hours=1)
MAX_IN_WINDOW = 30


@requires(PORTAL_OWN)
async def write_message(
    services: Services, actor: Actor, case_id: UUID | None, body: MessageIn, request_key: RequestKey | None
) -> CaseMessageAnswerOut:
    """A comment of the patient's; a case that waited for the patient waits no longer.

    Raises InvalidRequestError, NoSuchCaseError, CaseClosedError, TooManyMessagesError, and what `run_once` raises.
    """
    if problems := list(message_problems(body)):
        raise InvalidRequestError(problems=problems)
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> CaseMessageAnswerOut:
        case = await _lock_open(conn, actor, case_id)
        assert case_id is not None
        comment = _comment(actor, data_key, case_id, body.text)
        await insert_comment(conn, comment)
        await queries.update_answered(conn, actor.organization_id, case_id)
        written = events.new_event(actor, "ADD_CASE_COMMENT", case_id, target_id=comment.id, is_test=case.is_test)
        await events.record(conn, written)
        await _tell(services, conn, actor, data_key, case_id, case, comment.id)
        row = await queries.get_message(conn, actor.organization_id, comment.id)
        return CaseMessageAnswerOut(data=show_message(data_key, row))

    return await run_once(services, actor, request_key, act)


async def _lock_open(conn: Connection, actor: Actor, case_id: UUID | None) -> CaseHeld:
    if case_id is None:
        raise NoSuchCaseError
    case = await queries.lock_case(conn, actor.organization_id, own_id(actor), case_id)
    if case is None:
        raise NoSuchCaseError
    if case.is_archived:
        raise CaseClosedError
    if await queries.count_lately(conn, actor.organization_id, own_id(actor), case_id, WINDOW) >= MAX_IN_WINDOW:
        raise TooManyMessagesError(int(WINDOW.total_seconds()))
    return case


def _comment(actor: Actor, data_key: DataKey, case_id: UUID, text: str) -> Comment:
    comment_id = uuid7()
    return Comment(
        organization_id=actor.organization_id,
        id=comment_id,
        case_id=case_id,
        text_sealed=data_key.seal(text.strip().encode(), COMMENT_TEXT, comment_id),
        is_restricted=False,
        author_patient_id=own_id(actor),
    )


async def _tell(
    services: Services,
    conn: Connection,
    actor: Actor,
    data_key: DataKey,
    case_id: UUID,
    case: CaseHeld,
    message_id: UUID,
) -> None:
    if missing_setting(services.settings, "MAIL"):
        return
    recipients, clinic = await queries.find_recipients(conn, actor.organization_id, case_id)
    url = services.settings.public_url
    mails = [tell_clinic(case_id, case, message_id, recipient, clinic, url) for recipient in recipients]
    await queue(conn, actor, data_key, *mails)
