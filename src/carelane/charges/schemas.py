"""Charges on the wire, and what conversion hands over."""

from typing import Literal

ChargeStatus = Literal[
    "OUTSTANDING",
    "PAID",
    "EXTERNAL_SETTLEMENT",
    "VOID",
    "WRITE_OFF",
    "REFUNDED",
    "CHARGEBACK",
    "COLLECTIONS",
    "PAYMENT_PLAN",
]
