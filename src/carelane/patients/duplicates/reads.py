"""Finding records that may be of one person."""

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.errors import InvalidRequestError, refuse
from carelane.patients.billing.search.queries import list_by_ids
from carelane.patients.billing.views import show_patient
from carelane.patients.duplicates import queries
from carelane.patients.duplicates.schemas import DoublesOut, fields_of
from carelane.permissions import PATIENTS_READ, requires
from carelane.services import Services


@requires(PATIENTS_READ)
async def list_doubles(services: Services, actor: Actor, fields: str | None) -> list[DoublesOut]:
    """Patients who have the same as others. Recorded as one read. Raises InvalidRequestError."""
    wanted, problems = fields_of(fields)
    refuse(problems, InvalidRequestError)
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        groups = [group for field in wanted for group in await queries.list_doubles(conn, actor.organization_id, field)]
        ids = list({one for group in groups for one in group.ids})
        rows = {row.id: row for row in await list_by_ids(conn, actor.organization_id, ids)}
        await events.record_read(conn, actor, "patients", actor.organization_id, "doubles among patients")
    shown = {patient_id: show_patient(data_key, row) for patient_id, row in rows.items()}
    return [
        DoublesOut(field=group.field, patients=[shown[one] for one in group.ids if one in shown]) for group in groups
    ]
