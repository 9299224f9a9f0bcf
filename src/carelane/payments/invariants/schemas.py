"""What a check finds, and how far it is."""

from typing import Literal

import msgspec

Invariant = Literal[
    "NO_CAPTURE_WITHOUT_APPROVAL",
    "NO_SHIPMENT_WITHOUT_PAYMENT",
    "ONE_DISPENSE_PER_FILL",
    "CAPTURED_IS_RECORDED",
    "TOLD_ONCE",
]


class Finding(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Something that must not be. Amounts are in the smallest unit of the currency; `record` is what `id` is the id of."""

    invariant: Invariant
    record: str
    id: str
    problem: str
    expected: int | None = None
    found: int | None = None
    currency: str | None = None

    def line(self) -> str:
        amounts = "" if self.expected is None else f": expected {self.expected}, found {self.found}"
        return f"{self.invariant} {self.record} {self.id}: {self.problem}{amounts} {self.currency or ''}".rstrip()


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How many records of a kind are checked so far, and how many there are."""

    what: str
    done: int
    of: int
