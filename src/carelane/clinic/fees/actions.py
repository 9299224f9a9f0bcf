"""Changing what a case's payment is made of."""

from carelane.clinic.fees.schemas import PaymentFeesIn, PaymentFeesOut, broken_rules
from carelane.clinic.fees.views import fees_of, fees_out
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import refuse
from carelane.organizations.queries import lock_organization
from carelane.payments.accounts.actions import save_terms
from carelane.payments.accounts.queries import get_terms
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.versions import require_same


@requires(ORGANIZATION_MANAGE)
async def change_fees(
    services: Services, actor: Actor, body: PaymentFeesIn, request_key: RequestKey | None
) -> PaymentFeesOut:
    """All of them, for payments that come from now on. Raises RuleBrokenError, ChangedMeanwhileError, and what `run_once` raises."""

    async def act(conn: Connection) -> PaymentFeesOut:
        await lock_organization(conn, actor.organization_id)
        stands = await get_terms(conn, actor.organization_id)
        require_same(body.version, fees_out(stands).version)
        refuse(broken_rules("fees", body.fees, stands.currency))
        wanted = fees_of(body.fees, stands.currency)
        await save_terms(conn, actor, stands.policy, stands.order_requires_payment, wanted)
        return fees_out(await get_terms(conn, actor.organization_id))

    return await run_once(services, actor, request_key, act)
