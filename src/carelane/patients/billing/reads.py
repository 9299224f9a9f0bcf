"""Reads of a patient in the billing dialect. Each is recorded."""

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.patients.billing.history.queries import find_with_history
from carelane.patients.billing.schemas import PatientChartOut
from carelane.patients.billing.views import show_chart
from carelane.permissions import PATIENTS_READ, requires
from carelane.services import Services


@requires(PATIENTS_READ)
async def get_patient(services: Services, actor: Actor, ref: str) -> PatientChartOut:
    """Archived patients too. Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        found = await find_with_history(conn, actor.organization_id, record_id(actor.organization_id, ref))
        if found is None:
            raise RecordNotFoundError(f"no patient {ref} here")
        await events.record_read(conn, actor, "patient", found.patient.id, "chart of a patient")
    return show_chart(data_key, found)
