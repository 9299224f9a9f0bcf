"""Where a quote can go; migration 0003 holds the same table.

    DRAFT ──→ SENT ──→ VIEWED ──→ ACCEPTED ──→ CONVERTED
      │        ├──────────┼──────────↑
      │        ├──────────┴──→ DECLINED
      └────────┴──────────┴──→ EXPIRED   its date has passed, staff withdrew it, or another quote of its cart was accepted

While it is pending (DRAFT, SENT, VIEWED) it may change; what was answered stays as it was.
"""

from typing import Literal

QuoteStatus = Literal["DRAFT", "SENT", "VIEWED", "ACCEPTED", "DECLINED", "EXPIRED", "CONVERTED"]

MOVES: dict[QuoteStatus, frozenset[QuoteStatus]] = {
    "DRAFT": frozenset({"SENT", "EXPIRED"}),
    "SENT": frozenset({"VIEWED", "ACCEPTED", "DECLINED", "EXPIRED"}),
    "VIEWED": frozenset({"ACCEPTED", "DECLINED", "EXPIRED"}),
    "ACCEPTED": frozenset({"CONVERTED"}),
    "DECLINED": frozenset(),
    "EXPIRED": frozenset(),
    "CONVERTED": frozenset(),
}
PENDING: frozenset[QuoteStatus] = frozenset({"DRAFT", "SENT", "VIEWED"})
# What a patient can answer.
OPEN: frozenset[QuoteStatus] = frozenset({"SENT", "VIEWED"})


def may_move(before: QuoteStatus, after: QuoteStatus) -> bool:
    return after in MOVES[before]
