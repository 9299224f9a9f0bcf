"""Reading a patient's record; each time is on record."""

from carelane import events
from carelane.documents.access import Link, sign_link
from carelane.kit.auth import Actor
from carelane.kit.ids import record_id
from carelane.patient_detail import queries
from carelane.patient_detail.errors import PatientNotFoundError
from carelane.patient_detail.schemas import PatientDetailOut
from carelane.patient_detail.views import show_record
from carelane.permissions import CASES_READ, PATIENTS_MERGE, PAYMENTS_READ, requires
from carelane.services import Services


@requires(CASES_READ, PAYMENTS_READ)
async def get_patient_detail(services: Services, actor: Actor, ref: str, base_url: str) -> PatientDetailOut:
    """By the id of a record that was merged, the one that stayed. Links of documents begin with `base_url`.

    Raises PatientNotFoundError.
    """
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        found = await queries.find_record(conn, actor.organization_id, record_id(actor.organization_id, ref))
        if found is None:
            raise PatientNotFoundError(f"no patient {ref} here")
        await events.record_read(conn, actor, "patient", found.id, "record of a patient")
    shown = show_record(data_key, found)
    for document in shown.documents:
        token = sign_link(services.link_key, Link(actor.organization_id, document.id))
        document.url = f"{base_url}/documents/{token}"
    return shown


@requires(CASES_READ, PAYMENTS_READ, PATIENTS_MERGE)
async def compare_patients(
    services: Services, actor: Actor, ref: str, other_ref: str | None, base_url: str
) -> tuple[PatientDetailOut, PatientDetailOut | None]:
    """Two records side by side, for whoever may merge them. Raises PatientNotFoundError."""
    one = await get_patient_detail(services, actor, ref, base_url)
    return one, await get_patient_detail(services, actor, other_ref, base_url) if other_ref else None
