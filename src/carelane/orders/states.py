"""The states of an order, and which may follow which. The database holds the same list as a constraint.

    RECEIVED → SENDING → SENT → ACCEPTED → SHIPPED → DELIVERED
        │          │        │         └──────────┴→ (a pharmacy may skip any of these)
        │          │        └→ REJECTED · CANCELED
        │          └→ NEEDS_ATTENTION → SENDING (a person sends it again)
        └→ CANCELED

An order only moves forward: what a late message says about an earlier state changes nothing.
"""

from typing import Literal

OrderStatus = Literal[
    "RECEIVED", "SENDING", "SENT", "ACCEPTED", "SHIPPED", "DELIVERED", "REJECTED", "CANCELED", "NEEDS_ATTENTION"
]

FINAL: frozenset[OrderStatus] = frozenset({"DELIVERED", "REJECTED", "CANCELED"})

FOLLOWING: dict[OrderStatus, frozenset[OrderStatus]] = {
    "RECEIVED": frozenset({"SENDING", "CANCELED"}),
    "SENDING": frozenset({"SENT", "ACCEPTED", "SHIPPED", "DELIVERED", "REJECTED", "CANCELED", "NEEDS_ATTENTION"}),
    "SENT": frozenset({"ACCEPTED", "SHIPPED", "DELIVERED", "REJECTED", "CANCELED", "NEEDS_ATTENTION"}),
    "ACCEPTED": frozenset({"SHIPPED", "DELIVERED", "REJECTED", "CANCELED", "NEEDS_ATTENTION"}),
    "SHIPPED": frozenset({"DELIVERED", "NEEDS_ATTENTION"}),
    # The pharmacy may have had it all along: its reports are believed.
    "NEEDS_ATTENTION": frozenset({"SENDING", "SENT", "ACCEPTED", "SHIPPED", "DELIVERED", "REJECTED", "CANCELED"}),
    "DELIVERED": frozenset(),
    "REJECTED": frozenset(),
    "CANCELED": frozenset(),
}


def may_follow(before: OrderStatus, after: OrderStatus) -> bool:
    return after in FOLLOWING[before]
