"""The tasks of notifications."""

from datetime import timedelta
from uuid import UUID

from carelane.kit import jobs
from carelane.kit.db import Connection
from carelane.notifications import actions, queries
from carelane.services import Services

NOTIFY_CASE_CREATED = "notify_case_created"
NOTIFY_WEBHOOK_DISABLED = "notify_webhook_disabled"
# Longer than all the waits between a job's own attempts, so that the sweep finds only what no job will come back to.
STALLED_AFTER = timedelta(minutes=20)
_MOST_SWEPT = 500


@jobs.task(NOTIFY_CASE_CREATED)
async def notify_case_created(services: Services, organization_id: UUID, event_id: UUID) -> None:
    await actions.notify(services, organization_id, event_id)


@jobs.task(NOTIFY_WEBHOOK_DISABLED)
async def notify_webhook_disabled(services: Services, organization_id: UUID, event_id: UUID) -> None:
    await actions.notify(services, organization_id, event_id)


async def queue_notices(services: Services, conn: Connection, events: list[tuple[UUID, UUID, str]]) -> None:
    """For events as (organization, id, type), in the transaction that takes them up. Nothing at all where no mail is sent."""
    if services.settings.smtp_host is None:
        return
    for task_name, kind in ((NOTIFY_CASE_CREATED, "CREATE_CASE"), (NOTIFY_WEBHOOK_DISABLED, "WEBHOOK_DISABLED")):
        told = [{"organization_id": event[0], "event_id": event[1]} for event in events if event[2] == kind]
        await jobs.enqueue(conn, task_name, told)


async def sweep_stalled(services: Services) -> None:
    """Enqueues again what stands still. Either task does: what to say follows from the event."""
    async with services.db.across() as conn:
        stalled = await queries.find_stalled(conn, STALLED_AFTER, _MOST_SWEPT)
        ids = [{"organization_id": organization_id, "event_id": event_id} for organization_id, event_id in stalled]
        await jobs.enqueue(conn, NOTIFY_CASE_CREATED, ids)
