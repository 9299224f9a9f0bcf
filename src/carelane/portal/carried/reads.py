"""A patient's own answers that hold from visit to visit."""

from uuid import UUID

from carelane import events
from carelane.kit.auth import Actor
from carelane.permissions import PORTAL_OWN, requires
from carelane.portal.access import own_id
from carelane.portal.carried import queries
from carelane.portal.carried.errors import NoSuchFormError
from carelane.portal.carried.schemas import CarriedAnswersDataOut, CarriedAnswersOut
from carelane.portal.carried.views import show_answers
from carelane.services import Services


@requires(PORTAL_OWN)
async def list_carried_answers(services: Services, actor: Actor, form_id: UUID) -> CarriedAnswersOut:
    """The newest answer to each carried question of the form. The read is recorded. Raises NoSuchFormError."""
    organization_id, patient_id = actor.organization_id, own_id(actor)
    data_key = await services.keyring.data_key(organization_id)
    async with services.db.transaction(actor) as conn:
        name = await queries.find_form_name(conn, organization_id, form_id)
        if name is None:
            raise NoSuchFormError
        rows = await queries.list_carried(conn, organization_id, patient_id, form_id, name)
        await events.record_read(conn, actor, "patient", patient_id, "the patient's own earlier answers")
    return CarriedAnswersOut(data=CarriedAnswersDataOut(form_id=form_id, answers=show_answers(data_key, rows)))
