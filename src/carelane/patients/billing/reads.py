"""Reads of a patient in the billing dialect. Each is recorded."""

from carelane import events
from carelane.kit.auth import Actor
from carelane.patients.billing.access import get_patient as get_row
from carelane.patients.billing.schemas import PatientChartOut
from carelane.patients.billing.views import show_chart
from carelane.permissions import PATIENTS_READ, requires
from carelane.services import Services


@requires(PATIENTS_READ)
async def get_patient(services: Services, actor: Actor, ref: str) -> PatientChartOut:
    """Archived patients too. Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        row = await get_row(conn, actor, ref)
        await events.record_read(conn, actor, "patient", row.id, "chart of a patient")
    return show_chart(data_key, row)
