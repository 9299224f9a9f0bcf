"""Reads of tags, and of a patient's tags, which are recorded."""

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.patients.billing.access import get_patient
from carelane.patients.tags import queries
from carelane.patients.tags.schemas import TagDetailOut, TagFilters, TagOut, TagsOut
from carelane.permissions import PATIENTS_READ, requires
from carelane.services import Services
from carelane.web.paging import Page


@requires(PATIENTS_READ)
async def list_tags(services: Services, actor: Actor, filters: TagFilters, page: Page) -> TagsOut:
    """One page of those that fit the filters."""
    async with services.db.reading(actor.organization_id) as conn:
        tags, total = await queries.list_page(conn, actor.organization_id, filters, page)
    return TagsOut(tags, total)


@requires(PATIENTS_READ)
async def get_tag(services: Services, actor: Actor, ref: str) -> TagDetailOut:
    """Raises RecordNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.find_tag(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if found is None:
        raise RecordNotFoundError(f"no tag {ref} here")
    return found


@requires(PATIENTS_READ)
async def list_tags_of_patient(services: Services, actor: Actor, ref: str) -> list[TagOut]:
    """By name. Raises RecordNotFoundError."""
    async with services.db.transaction(actor) as conn:
        patient = await get_patient(conn, actor, ref)
        await events.record_read(conn, actor, "patient", patient.id, "tags of a patient")
    return patient.tags
