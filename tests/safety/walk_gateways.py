"""The tenant walk's part about gateways: what they told of the victim's money, and what does not match."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec

from carelane.kit import clock
from carelane.services import Services
from tests.factories.gateways import add_account
from tests.factories.rows import insert_row
from tests.payments.inbox.calling import event_about, signature

EVENTS = "/api/staff/payments/gateway-events"
FINDINGS = "/api/staff/payments/findings"


async def keep_marked(services: Services, organization_id: UUID, mark: str) -> UUID:
    """Each text holds the mark. The account."""
    account_id = await add_account(
        services, organization_id, f"sk_test_{mark}", webhook_secret=f"whsec_{mark}", is_active=False
    )
    of = {"gateway_account_id": account_id}
    told = {
        "event_id": mark,
        "type": mark,
        "object_kind": "intent",
        "object_id": mark,
        "intent_id": mark,
        "failure": mark,
    }
    told |= {"happened_at": clock.now(), "came_by": "WEBHOOK", "status": "UNMATCHED", "due_at": None}
    await insert_row(services, organization_id, "gateway_events", **of, **told)
    await insert_row(services, organization_id, "balance_findings", **of, balance_id=mark, kind=mark, problem=mark)
    return account_id


def walk_gateways(
    organization_id: UUID, account_id: UUID, headers: dict[str, str]
) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """(route, (method, url, options)) pairs: what the other clinic's staff may try, and whoever knows the organization's id."""
    seen = {"headers": headers}
    for query in ({}, {"after": "f" * 8 + str(account_id)[8:]}):
        yield f"GET {EVENTS}", ("GET", EVENTS, seen | {"params": query})
        yield f"GET {FINDINGS}", ("GET", FINDINGS, seen | {"params": query})
    body = msgspec.json.encode(event_about("pi_walk"))
    for signed in ({}, {"stripe-signature": signature(body, "whsec_guessed")}):
        call = {"content": body, "headers": {"content-type": "application/json"} | signed}
        yield "POST /gateways/stripe/{organization_id}", ("POST", f"/gateways/stripe/{organization_id}", call)
