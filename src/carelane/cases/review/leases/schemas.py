"""Asking for the next case, and leases over the wire."""

from datetime import datetime
from uuid import UUID

import msgspec

from carelane.cases.review.queue.schemas import LeaseOut, QueueQuery


class NextIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to look: the filters of the queue. `insteadOf`: the case that is laid down for it."""

    instead_of: UUID | None = None
    product: UUID | None = None
    state: str | None = None

    def query(self) -> QueueQuery:
        """What fits the caller's license, and does not wait for the patient."""
        return QueueQuery(
            status=["OPEN", "ASSIGNED", "IN_PROGRESS", "NO_DECISION"],
            awaiting_patient="false",
            fits_my_license="true",
            product=str(self.product) if self.product else None,
            state=self.state,
        )


class NextOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Null: there is nothing for the caller."""

    case_id: UUID | None
    until: datetime | None = None


class PresenceOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`isMine`: the lease is the caller's; else somebody else's, whom it names, or nobody's."""

    is_mine: bool
    lease: LeaseOut | None
