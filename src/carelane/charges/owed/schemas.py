"""What staff say and are told when they take back what is owed."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.charges.schemas import ChargeStatus
from carelane.kit.phi import Phi

Reason = Annotated[str, Meta(pattern=r"\S", max_length=2_000, description="Not blank; kept sealed")]


class ReasonIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: Reason


class ChargeStandingOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Amounts are cents."""

    id: UUID
    status: ChargeStatus
    total: int
    total_outstanding: int
