"""Ending a payment's checkouts, before another is opened or the payment is made otherwise."""

from contextlib import suppress
from uuid import UUID

from carelane.kit.auth import Actor
from carelane.payments.accounts.access import open_account
from carelane.payments.checkouts import queries
from carelane.payments.checkouts.applying import apply_checkouts
from carelane.payments.checkouts.queries import OpenCheckout
from carelane.payments.errors import GatewayAwayError
from carelane.payments.gateways.errors import GatewayError, RefusedByGatewayError
from carelane.permissions import PAYMENTS_OWN, requires
from carelane.services import Services


@requires(PAYMENTS_OWN)
async def end_checkouts(services: Services, actor: Actor, payment_id: UUID) -> None:
    """Closes the payment's checkouts, unless the patient has completed one. Raises GatewayAwayError."""
    async with services.db.reading(actor.organization_id) as conn:
        attempts = await queries.list_open(conn, actor.organization_id, payment_id)
    try:
        for attempt in attempts:
            await _end(services, actor, attempt)
        await apply_checkouts(services, actor, payment_id)
    except GatewayError as error:
        raise GatewayAwayError from error


async def _end(services: Services, actor: Actor, attempt: OpenCheckout) -> None:
    if attempt.gateway_id is None:
        # Nobody was ever sent there.
        async with services.db.transaction(actor) as conn:
            await queries.claim_end(conn, actor.organization_id, attempt.id, "FAILED", "never answered")
        return
    gateway = await open_account(services, actor.organization_id, attempt.gateway_account_id)
    # Refused: it is complete or has ended, and what came of it is read.
    with suppress(RefusedByGatewayError):
        await gateway.expire_checkout(attempt.gateway_id)
