"""What of the books is exported, and as what it is read."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from carelane.ledger.schemas import Act, Code, Kind


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Days in UTC, of which `until` is left out; what was before stands in the journal as opening balances."""

    from_day: date | None = None
    until_day: date | None = None


class ExportedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account, with what it comes to before the span and at its end: debits less credits."""

    code: Code
    kind: Kind
    owner_id: UUID | None
    currency: str
    is_test: bool
    opening_cents: int
    closing_cents: int


class ExportedSide(msgspec.Struct, frozen=True):
    code: Code
    kind: Kind
    owner_id: UUID | None


class ExportedPosting(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    happened_at: datetime
    act: Act
    source_id: UUID
    amount_cents: int
    currency: str
    is_test: bool
    charge_id: UUID | None
    reverses_id: UUID | None
    debit: ExportedSide
    credit: ExportedSide
