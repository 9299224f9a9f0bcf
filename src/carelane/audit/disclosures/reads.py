"""Reading what of a patient was told to others. That it was read is on record."""

from datetime import UTC, datetime, timedelta

from carelane import events
from carelane.audit.disclosures import queries
from carelane.audit.disclosures.schemas import (
    MOST_EXPORTED,
    MOST_SHOWN,
    DisclosureQuery,
    DisclosuresOut,
    KnowledgeOut,
)
from carelane.audit.disclosures.views import show_disclosure
from carelane.audit.queries import list_records_of
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.ids import record_id
from carelane.patient_detail.errors import PatientNotFoundError
from carelane.patient_detail.seen.queries import find_living
from carelane.permissions import AUDIT_READ, requires
from carelane.services import Services

_REASON = "disclosures of a patient"


@requires(AUDIT_READ)
async def list_disclosures(services: Services, actor: Actor, ref: str, query: DisclosureQuery) -> DisclosuresOut:
    """The newest MOST_SHOWN. Raises PatientNotFoundError, InvalidRequestError."""
    return await _list(services, actor, ref, query, MOST_SHOWN)


@requires(AUDIT_READ)
async def export_disclosures(services: Services, actor: Actor, ref: str, query: DisclosureQuery) -> DisclosuresOut:
    """All of them, to MOST_EXPORTED. Raises PatientNotFoundError, InvalidRequestError."""
    return await _list(services, actor, ref, query, MOST_EXPORTED)


async def _list(services: Services, actor: Actor, ref: str, query: DisclosureQuery, most: int) -> DisclosuresOut:
    organization_id, period = actor.organization_id, query.period()
    knowledge = _knowledge(services)
    since = datetime.min.replace(tzinfo=UTC)
    if knowledge.webhook_days is not None:
        since = clock.now() - timedelta(days=knowledge.webhook_days)
    async with services.db.transaction(actor) as conn:
        patient_id = await find_living(conn, organization_id, record_id(organization_id, ref))
        if patient_id is None:
            raise PatientNotFoundError(f"no patient {ref} here")
        first_name, last_name = await queries.find_name(conn, organization_id, patient_id)
        records = await list_records_of(conn, organization_id, patient_id)
        found, is_cut = await queries.list_disclosures(conn, organization_id, records, period, since, most + 1)
        await events.record_read(conn, actor, "patient", patient_id, _REASON)
    return DisclosuresOut(
        patient_id=patient_id,
        first_name=first_name,
        last_name=last_name,
        first_day=period.first,
        last_day=period.last,
        disclosures=[show_disclosure(row) for row in found[:most]],
        is_cut=is_cut or len(found) > most,
        knowledge=knowledge,
    )


def _knowledge(services: Services) -> KnowledgeOut:
    settings = services.settings
    return KnowledgeOut(
        webhook_days=settings.keep_deliveries_days or None, message_days=settings.keep_messages_days or None
    )
