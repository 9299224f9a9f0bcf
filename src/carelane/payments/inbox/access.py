"""The one door for events: whose they are is said by nothing but their signature."""

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from carelane.kit import clock
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import DataKey
from carelane.payments.accounts.access import WebhookAccount
from carelane.payments.gateways.protocol import GatewayEvent
from carelane.payments.inbox.errors import EventRefusedError, WrongModeError
from carelane.services import Services

_REFUSED = "expected an event, and Stripe-Signature of its very bytes that is not older than five minutes"


async def organization_of(services: Services, organization: str) -> tuple[UUID, DataKey]:
    """Whose address it is, and the key that its secrets are under. Raises EventRefusedError."""
    organization_id = parse_uuid(organization)
    if organization_id is not None:
        with suppress(LookupError):
            return organization_id, await services.keyring.data_key(organization_id)
    raise EventRefusedError(_REFUSED)


def read_event(accounts: Iterable[WebhookAccount], signature: str, body: bytes) -> tuple[UUID, GatewayEvent]:
    """The account that it is of, and the event. Raises EventRefusedError, the same whatever is wrong with it; WrongModeError once the
    signature is known to be good.

    Accounts that are switched off are heard, too: refunds and disputes of what they took go on.
    """
    for account in accounts:
        event = account.gateway.parse_webhook(body, signature, account.secrets, clock.now())
        if event is None:
            continue
        if event.is_test != account.gateway.is_test:
            kind = "test" if account.gateway.is_test else "live"
            raise WrongModeError(f"expected an event of {kind} money, as the secret is that signed it")
        return account.id, event
    raise EventRefusedError(_REFUSED)
