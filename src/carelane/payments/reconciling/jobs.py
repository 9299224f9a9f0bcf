"""The reconciler's timed work, over all organizations. One account that fails keeps no other from its turn."""

from collections.abc import Awaitable, Callable

import structlog

from carelane.kit import clock
from carelane.kit.auth import Actor, system_actor
from carelane.payments.checkouts.jobs import look_at_begun
from carelane.payments.gateways.errors import GatewayError
from carelane.payments.reconciling import actions, queries
from carelane.payments.reconciling.queries import AccountRef
from carelane.services import Services

log = structlog.get_logger()


async def wake_open(services: Services) -> None:
    for organization_id in {account.organization_id for account in await _accounts(services)}:
        count = await actions.wake_open(services, system_actor(organization_id))
        if count:
            log.warning("payments_left_alone", organization_id=str(organization_id), count=count)
        try:
            await look_at_begun(services, organization_id)
        except GatewayError as error:
            log.warning("checkouts_not_read", organization_id=str(organization_id), error=type(error).__name__)


async def read_events(services: Services) -> None:
    async def read(actor: Actor, account: AccountRef) -> None:
        count = await actions.read_events(services, actor, account.id)
        if count:
            log.warning("gateway_events_missed", organization_id=str(account.organization_id), count=count)

    await _each(services, read)


async def compare_balances(services: Services) -> None:
    until = clock.now() - actions.BALANCE_SETTLED_AFTER

    async def compare(actor: Actor, account: AccountRef) -> None:
        count = await actions.compare_balance(services, actor, account.id, until)
        if count:
            log.error("balance_differs", organization_id=str(account.organization_id), count=count)

    await _each(services, compare)


async def _each(services: Services, step: Callable[[Actor, AccountRef], Awaitable[None]]) -> None:
    """Raises the last error once all had their turn, so that the job's row tells of it. One that is switched off may have a key
    that is good no longer."""
    failed: Exception | None = None
    for account in await _accounts(services):
        try:
            await step(system_actor(account.organization_id), account)
        except Exception as error:
            failed = error if account.is_active else failed
            log.warning("gateway_not_read", organization_id=str(account.organization_id), error=type(error).__name__)
    if failed is not None:
        raise failed


async def _accounts(services: Services) -> list[AccountRef]:
    async with services.db.across() as conn:
        return await queries.list_accounts(conn)
