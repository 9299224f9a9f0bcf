"""What staff see of differences with a gateway's balance."""

from datetime import datetime
from uuid import UUID

import msgspec


class BalanceFindingOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`balanceId` is the line of the gateway's own account, `kind` what it is about. `resolvedAt`: it has matched since."""

    id: UUID
    balance_id: str
    kind: str
    problem: str
    is_test: bool
    found_at: datetime
    resolved_at: datetime | None


class BalanceFindingPageOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Newest first. `next` is what to send as `after` for the page behind this one; null on the last."""

    findings: list[BalanceFindingOut]
    next: UUID | None
