"""Where a cart can move; migration 0003 has the same table. No I/O.

    DRAFT ──→ ACCEPTED ──→ CONVERTED
      ├───────────────────────↑
      ├──→ REJECTED   the patient declined its quote
      ├──→ ABANDONED  nobody changed it for a long time, or its caller gave it up
      └──→ EXPIRED    its date has passed, or its quote's

Only a DRAFT changes, and not after a quote of it was sent. Archived is not a state: an archived cart is no longer found.
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
