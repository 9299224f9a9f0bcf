"""The books on the wire. Amounts are decimal strings in their own currency."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from carelane.ledger.schemas import Act, Code
from carelane.web.paging import Place

SourceKind = Literal["charge", "payment", "patient"]


class SourceOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The record that a posting is about: a charge, a payment, or the patient whose credit it is."""

    kind: SourceKind
    id: UUID


class PostingOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """So much from the credited account to the debited one. `by`: the member of staff who did it, where one did. `reversesId` is the
    posting that this one takes back."""

    id: UUID
    happened_at: datetime
    act: Act
    debit: Code
    credit: Code
    amount: str
    currency: str
    is_test: bool
    charge_id: UUID | None
    source: SourceOut | None
    by: str | None
    reverses_id: UUID | None


class PostingPageOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Newest first. `next` is what to send as `after` for the page behind this one; null on the last."""

    postings: list[PostingOut]
    next: str | None


class PostingFilter(msgspec.Struct, frozen=True, kw_only=True):
    """None: whatever it is. `until` is excluded."""

    account: Code | None = None
    charge_id: UUID | None = None
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    after: Place | None = None


class BookOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What one kind of account came to. `balance`: debits less credits, with a minus where more was credited."""

    account: Code
    currency: str
    is_test: bool
    debits: str
    credits: str
    balance: str


class OwedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What patients owe, less what they have in credit: whatever the other accounts do not come to."""

    currency: str
    is_test: bool
    balance: str


class ComparedBooksOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """An account with a gateway, and how far its own list was compared with the books."""

    provider: str
    is_test: bool
    is_active: bool
    compared_until: datetime | None


class BooksOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`differences`: lines of the gateways' lists that the books do not have, or have otherwise; 1,000 at most are counted."""

    accounts: list[BookOut]
    patients: list[OwedOut]
    gateways: list[ComparedBooksOut]
    differences: int
