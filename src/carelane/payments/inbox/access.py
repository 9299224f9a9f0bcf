"""The one door for events: whose they are is said by nothing but their signature."""

from uuid import UUID

import msgspec

from carelane.kit import clock
from carelane.kit.ids import parse_uuid
from carelane.payments.accounts.access import list_webhook_accounts
from carelane.payments.gateways.protocol import GatewayEvent
from carelane.payments.inbox.errors import EventRefusedError, WrongModeError
from carelane.services import Services


class Told(msgspec.Struct, frozen=True):
    """An event, and the account that it is of."""

    organization_id: UUID
    account_id: UUID
    event: GatewayEvent


async def read_event(services: Services, organization: str, signature: str, body: bytes) -> Told:
    """Raises EventRefusedError, the same whatever is wrong with it; WrongModeError once the signature is known to be good.

    Accounts that are switched off are heard, too: refunds and disputes of what they took go on.
    """
    organization_id = parse_uuid(organization)
    accounts = await list_webhook_accounts(services, organization_id) if organization_id else []
    for account in accounts:
        event = account.gateway.parse_webhook(body, signature, account.secrets, clock.now())
        if event is None:
            continue
        if event.is_test != account.gateway.is_test:
            kind = "test" if account.gateway.is_test else "live"
            raise WrongModeError(f"expected an event of {kind} money, as the secret is that signed it")
        assert organization_id is not None
        return Told(organization_id, account.id, event)
    raise EventRefusedError(
        "expected an event, and Stripe-Signature of its very bytes that is not older than five minutes"
    )
