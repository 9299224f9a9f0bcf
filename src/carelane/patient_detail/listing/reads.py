"""Reading the list of patients: a page is on record as a list."""

import msgspec

from carelane import events
from carelane.kit.auth import Actor
from carelane.patient_detail.listing import queries
from carelane.patient_detail.listing.schemas import PatientPageOut
from carelane.permissions import CASES_READ, requires
from carelane.services import Services
from carelane.web.wire import uuid_string


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """As it was sent."""

    after: str | None = None
    limit: int = 50


@requires(CASES_READ)
async def list_patients(services: Services, actor: Actor, query: ListQuery) -> PatientPageOut:
    """Raises InvalidRequestError."""
    after = uuid_string("after", query.after)
    async with services.db.transaction(actor) as conn:
        found = await queries.list_page(conn, actor.organization_id, after, query.limit + 1)
        await events.record_read(conn, actor, "patients", actor.organization_id, "list of patients")
    shown = found[: query.limit]
    return PatientPageOut(patients=shown, next=shown[-1].id if len(found) > len(shown) else None)
