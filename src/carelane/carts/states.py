"""Where a cart can go; migration 0003 holds the same table.

    DRAFT ──→ ACCEPTED ──→ CONVERTED
      ├───────────────────────↑
      ├──→ REJECTED   the patient declined its quote
      ├──→ ABANDONED  nobody touched it for long
      └──→ EXPIRED    its date has passed, or its quote's

Only a DRAFT changes, and not after a quote of it was sent. Archiving is no state: an archived cart is not found any more.
"""

from typing import Literal

CartStatus = Literal["DRAFT", "ABANDONED", "ACCEPTED", "REJECTED", "CONVERTED", "EXPIRED"]

MOVES: dict[CartStatus, frozenset[CartStatus]] = {
    "DRAFT": frozenset({"ABANDONED", "ACCEPTED", "REJECTED", "CONVERTED", "EXPIRED"}),
    "ACCEPTED": frozenset({"CONVERTED"}),
    "ABANDONED": frozenset(),
    "REJECTED": frozenset(),
    "CONVERTED": frozenset(),
    "EXPIRED": frozenset(),
}


def may_move(before: CartStatus, after: CartStatus) -> bool:
    return after in MOVES[before]
