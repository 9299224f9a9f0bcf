"""What became of the last decision that was held back."""

from carelane import events
from carelane.cases.review.access import get_case
from carelane.cases.review.grace import queries
from carelane.cases.review.grace.access import open_body
from carelane.cases.review.schemas import HeldDecisionOut
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.permissions import CASES_READ, requires
from carelane.services import Services
from carelane.staff.schemas import BasicUserOut


@requires(CASES_READ)
async def get_held_decision(services: Services, actor: Actor, ref: str) -> HeldDecisionOut:
    """Raises CaseNotFoundError, and RecordNotFoundError where none was ever held."""
    key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        case = await get_case(conn, actor, ref)
        row = await queries.find_last(conn, actor.organization_id, case.id)
        if row is None:
            raise RecordNotFoundError("no decision on this case was ever held back")
        await events.record_read(conn, actor, "case", case.id, "held decision")
    return HeldDecisionOut(
        id=row.id,
        by=BasicUserOut(row.by.id, row.by.first_name, row.by.last_name),
        status=row.status,
        created_at=row.created_at,
        due_at=row.due_at,
        ended_at=row.ended_at,
        failure_code=row.failure_code,
        failure=row.failure,
        body=None if row.body is None else open_body(key, bytes.fromhex(row.body), row.id),
    )
