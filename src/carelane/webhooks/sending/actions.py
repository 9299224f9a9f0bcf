"""Writing down what came of attempts."""

from uuid import UUID

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey
from carelane.services import Services
from carelane.webhooks.queries import set_canceled
from carelane.webhooks.sending import queries, states, views
from carelane.webhooks.sending.queries import AttemptResult, DueDelivery


def result_of(
    data_key: DataKey,
    delivery: DueDelivery,
    claim_id: UUID,
    outcome: states.Outcome,
    first_wait_seconds: float,
    milliseconds: int,
) -> AttemptResult:
    """How the attempt ended, and what follows."""
    attempt_id = uuid7()
    follows = states.after(outcome, delivery.attempts, first_wait_seconds, clock.now())
    return AttemptResult(
        organization_id=delivery.organization_id,
        attempt_id=attempt_id,
        answer_sealed=views.seal(data_key, outcome.said, attempt_id),
        delivery_id=delivery.id,
        endpoint_id=delivery.endpoint_id,
        claim_id=claim_id,
        number=delivery.attempts,
        http_status=outcome.http_status,
        failure=outcome.failure,
        duration_milliseconds=milliseconds,
        status=follows.status,
        wait_seconds=follows.wait_seconds,
        is_over=follows.status != "PENDING" or delivery.attempts >= states.PATIENT_ATTEMPTS,
    )


async def save_results(services: Services, organization_id: UUID, results: list[AttemptResult]) -> None:
    """Writes the attempts of one organization. An endpoint that is switched off by them is so once, with one event."""
    actor = system_actor(organization_id)
    async with services.db.transaction(actor) as conn:
        for endpoint_id, reason in await queries.save_results(conn, results):
            await set_canceled(conn, organization_id, endpoint_id)
            event = events.new_event(actor, "WEBHOOK_DISABLED", None, target_id=endpoint_id, value_after=reason)
            await events.record(conn, event)
        for endpoint_id in await queries.set_told(conn, results):
            await events.record(conn, events.new_event(actor, "WEBHOOK_DELIVERY_FAILED", None, target_id=endpoint_id))
