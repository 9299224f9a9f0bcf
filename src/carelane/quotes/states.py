"""Where a quote can move; migration 0003 has the same table. No I/O.

    DRAFT ──→ SENT ──→ VIEWED ──→ ACCEPTED ──→ CONVERTED
      │        ├──────────┼──────────↑
      │        ├──────────┴──→ DECLINED
      └────────┴──────────┴──→ EXPIRED   its date has passed, staff withdrew it, or another quote of its cart was accepted

While it is pending (DRAFT, SENT, VIEWED) it may change. What was answered stays as it is.
"""

from carelane.carts.offers.schemas import QuoteStatus

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
