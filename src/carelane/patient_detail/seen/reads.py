"""Reading who saw a record. That names nobody but those who looked, and is not on record itself."""

import msgspec

from carelane.kit.auth import Actor
from carelane.kit.ids import record_id
from carelane.patient_detail.errors import PatientNotFoundError
from carelane.patient_detail.seen import queries
from carelane.patient_detail.seen.schemas import SightsOut
from carelane.permissions import CASES_READ, requires
from carelane.services import Services
from carelane.web.wire import uuid_string


class SightQuery(msgspec.Struct, frozen=True, kw_only=True):
    """As it was sent."""

    after: str | None = None
    limit: int = 50


@requires(CASES_READ)
async def list_sights(services: Services, actor: Actor, ref: str, query: SightQuery) -> SightsOut:
    """Raises PatientNotFoundError, InvalidRequestError."""
    organization_id, after = actor.organization_id, uuid_string("after", query.after)
    async with services.db.reading(organization_id) as conn:
        patient_id = await queries.find_living(conn, organization_id, record_id(organization_id, ref))
        if patient_id is None:
            raise PatientNotFoundError(f"no patient {ref} here")
        found = await queries.list_sights(conn, organization_id, patient_id, after, query.limit + 1)
        summary = await queries.get_summary(conn, organization_id, patient_id)
    shown = found[: query.limit]
    return SightsOut(summary=summary, sights=shown, next=shown[-1].id if len(found) > len(shown) else None)
