"""Reads of gateway accounts and of the terms of payment."""

from carelane.clinic.gateway.schemas import GatewayAccountsOut, PaymentTermsOut
from carelane.clinic.gateway.views import account_out, terms_out
from carelane.kit.auth import Actor
from carelane.payments.accounts.queries import get_terms, list_accounts
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services


@requires(ORGANIZATION_MANAGE)
async def list_gateway_accounts(services: Services, actor: Actor) -> GatewayAccountsOut:
    """The one for live money first. No secrets."""
    async with services.db.reading(actor.organization_id) as conn:
        return GatewayAccountsOut([account_out(one) for one in await list_accounts(conn, actor.organization_id)])


@requires(ORGANIZATION_MANAGE)
async def get_payment_terms(services: Services, actor: Actor) -> PaymentTermsOut:
    """When money is taken."""
    async with services.db.reading(actor.organization_id) as conn:
        return terms_out(await get_terms(conn, actor.organization_id))
