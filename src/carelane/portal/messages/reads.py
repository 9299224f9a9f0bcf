"""A patient's cases, and what is written in one."""

from uuid import UUID

from carelane import events
from carelane.kit.auth import Actor
from carelane.permissions import PORTAL_OWN, requires
from carelane.portal.access import own_id
from carelane.portal.messages import queries
from carelane.portal.messages.errors import NoSuchCaseError
from carelane.portal.messages.schemas import (
    MAX_CASES,
    MAX_MESSAGES,
    CaseMessagesAnswerOut,
    CaseMessagesOut,
    OwnCasesAnswerOut,
    OwnCasesOut,
)
from carelane.portal.messages.views import show_message
from carelane.services import Services


@requires(PORTAL_OWN)
async def list_cases(services: Services, actor: Actor) -> OwnCasesAnswerOut:
    """The newest first."""
    async with services.db.transaction(actor) as conn:
        cases = await queries.list_cases(conn, actor.organization_id, own_id(actor), MAX_CASES)
        await events.record_reads(conn, actor, "case", [case.id for case in cases], "the patient's own cases")
    return OwnCasesAnswerOut(data=OwnCasesOut(cases=cases))


@requires(PORTAL_OWN)
async def list_messages(services: Services, actor: Actor, case_id: UUID | None) -> CaseMessagesAnswerOut:
    """The newest of them, in the order they were written. Raises NoSuchCaseError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        if case_id is None or not await queries.find_case(conn, actor.organization_id, own_id(actor), case_id):
            raise NoSuchCaseError
        rows = await queries.list_messages(conn, actor.organization_id, case_id, MAX_MESSAGES)
        await events.record_read(conn, actor, "case", case_id, "messages in the patient's own case")
    return CaseMessagesAnswerOut(data=CaseMessagesOut(messages=[show_message(data_key, row) for row in rows]))
