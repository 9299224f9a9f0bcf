"""Accounts, acts and entries: the ledger's words."""

from typing import Literal
from uuid import UUID

import msgspec

Code = Literal[
    "receivable",
    "credit",
    "gateway",
    "gateway-fees",
    "revenue",
    "tax",
    "discounts",
    "disputes",
    "write-offs",
    "cash",
    "external",
    "tips",
]
Kind = Literal["asset", "liability", "income", "expense"]
# What is done, and the record that it is done to: an act is posted once for each.
Act = Literal[
    "CHARGE",  # a charge: a patient owes
    "VOID",  # a charge: nothing is owed after all
    "WRITE_OFF",  # a charge: what is outstanding is not expected any more
    "ADJUSTMENT",  # an adjustment of a charge: more is owed, or less
    "TIP",  # a change of a tip: more or less is owed with a charge, for a member of staff
    "ADJUSTMENT_VOIDED",  # an adjustment or a write-off, when its charge is voided
    "CAPTURE",  # a gateway's intent: money was taken
    "FEE",  # a gateway's intent: what the gateway kept of it
    "APPLY_CREDIT",  # a payment, or its part for a charge: what stands in credit pays the charge
    "EXTERNAL",  # a payment that was made elsewhere, or its part for a charge
    "EXTERNAL_RETURNED",  # a confirmation: a payment that was made elsewhere was not made after all
    "CASH",  # a payment in cash, or its part for a charge
    "ARCHIVE",  # a payment, or its part for a charge: it was not made after all
    "MEDIUM",  # a change of a payment: it came another way than was said
    "GRANT",  # a change of a patient's credit: more of it for nothing, or less
    "REFUND",  # a refund: money went back
    "REFUND_FAILED",  # a refund that had gone through: the money came back
    "DISPUTE",  # a dispute: the patient's bank took the money
    "DISPUTE_FEE",  # a dispute: and the gateway its fee
    "DISPUTE_WON",  # a dispute: the money came back
    "DISPUTE_LOST",  # a dispute: it will not
]

KIND_OF: dict[Code, Kind] = {
    "receivable": "asset",
    "credit": "liability",
    "gateway": "asset",
    "gateway-fees": "expense",
    "revenue": "income",
    "tax": "liability",
    # Less income: it stands beside revenue, on the other side.
    "discounts": "income",
    "disputes": "asset",
    "write-offs": "expense",
    "cash": "asset",
    "external": "asset",
    "tips": "liability",
}


class AccountRef(msgspec.Struct, frozen=True, order=True):
    """An account by what it is for. `owner_id`: the patient of receivable and credit, the product or bundle of revenue, the
    location of tax, the gateway account of gateway, the member of staff of tips. Currency and set of books are the entry's."""

    code: Code
    owner_id: UUID | None = None


class Move(msgspec.Struct, frozen=True):
    """So much from the credited account to the debited one."""

    debit: AccountRef
    credit: AccountRef
    amount_cents: int
    # The posting that this one undoes.
    reverses_id: UUID | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What one act posts: any number of moves, each of which balances by itself. `charge_id`: the charge it is about."""

    act: Act
    source_id: UUID
    currency: str
    is_test: bool | None
    charge_id: UUID | None = None
    moves: tuple[Move, ...]

    @property
    def total_cents(self) -> int:
        return sum(move.amount_cents for move in self.moves)


class Books(msgspec.Struct, frozen=True):
    """Which books: test money and live money never stand in the same, nor do two currencies. Without `is_test`: those of the
    charge that is posted to."""

    currency: str
    is_test: bool | None


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """A posting as it stands in the ledger."""

    id: UUID
    debit: AccountRef
    credit: AccountRef
    amount_cents: int


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """What an account was debited and credited, in its own currency."""

    account: AccountRef
    books: Books
    debit_cents: int
    credit_cents: int

    @property
    def cents(self) -> int:
        """Debits less credits: positive where something is owned or was spent."""
        return self.debit_cents - self.credit_cents


class ChargeSums(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger knows of a charge."""

    charged_cents: int
    outstanding_cents: int
    paid_cents: int
    # Of what is paid, what did not come through a gateway.
    settled_elsewhere_cents: int
    refunded_cents: int
    lost_cents: int
    written_off_cents: int
