"""Which cards a patient can pay with. The gateway is asked outside any transaction what may be shown of those that are new."""

from uuid import UUID

import structlog

from carelane import events
from carelane.kit.auth import Actor
from carelane.payments.accounts.access import open_account
from carelane.payments.gateways.errors import GatewayError
from carelane.payments.saved import queries
from carelane.payments.saved.access import get_person
from carelane.payments.saved.queries import MethodRow
from carelane.payments.saved.schemas import PaymentMethodOut
from carelane.payments.saved.views import show_method
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services

MOST_METHODS = 50
# What one answer asks the gateway about; the rest is asked with the next.
MOST_LOOKED_AT = 5

log = structlog.get_logger()


@requires(BILLING_READ)
async def list_methods(services: Services, actor: Actor, ref: str | None) -> list[PaymentMethodOut]:
    """The newest first; that they were read is recorded. Raises InvalidRequestError, RecordNotFoundError."""
    async with services.db.transaction(actor) as conn:
        person = await get_person(conn, actor, ref)
        await events.record_read(conn, actor, "patient", person.id, "payment methods of a patient")
        rows = await queries.list_methods(conn, actor.organization_id, person.id, MOST_METHODS)
    if await _look(services, actor, [row for row in rows if row.looked_at is None][:MOST_LOOKED_AT]):
        rows = await _again(services, actor, person.id)
    return [show_method(row) for row in rows]


async def _again(services: Services, actor: Actor, patient_id: UUID) -> list[MethodRow]:
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.list_methods(conn, actor.organization_id, patient_id, MOST_METHODS)


async def _look(services: Services, actor: Actor, rows: list[MethodRow]) -> bool:
    """Whether anything is known that was not before. A gateway that does not answer is asked another time."""
    for row in rows:
        try:
            gateway = await open_account(services, actor.organization_id, row.gateway_account_id)
            card = await gateway.fetch_card(row.method_id)
        except (GatewayError, LookupError) as error:
            log.warning("card_not_read", organization_id=str(actor.organization_id), error=type(error).__name__)
            return False
        if card is not None:
            async with services.db.transaction(actor) as conn:
                await queries.set_card(conn, actor.organization_id, row.id, card)
    return bool(rows)
