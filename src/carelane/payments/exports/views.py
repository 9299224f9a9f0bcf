"""Rows as lines of CSV. No I/O."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from carelane.kit.money import decimal_string
from carelane.payments.exports.schemas import ExportKind
from carelane.web.spreadsheets import csv_lines

HEADINGS: dict[ExportKind, tuple[str, ...]] = {
    "charges": ("created_at", "charge_id", "patient_id", "first_name", "last_name", "sold", "status", "total", "outstanding",
                "currency", "is_test"),
    "payments": ("created_at", "payment_id", "patient_id", "first_name", "last_name", "charge_id", "case_id", "medium", "status",
                 "amount", "captured", "refunded", "disputed", "currency", "is_test"),
    "refunds": ("granted_at", "refund_id", "payment_id", "status", "reason", "amount", "currency", "is_test", "granted_by",
                "sent_by", "sent_at", "settled_at"),
    "ledger": ("happened_at", "posting_id", "act", "debit", "credit", "amount", "currency", "is_test", "charge_id", "source_id",
               "reverses_id"),
}  # fmt: skip
_AMOUNTS = frozenset({"total", "outstanding", "amount", "captured", "refunded", "disputed"})


def heading(kind: ExportKind) -> str:
    return csv_lines([HEADINGS[kind]])


def lines_of(kind: ExportKind, rows: Iterable[Sequence[Any]]) -> str:
    names = HEADINGS[kind]
    at = names.index("currency")
    return csv_lines([_cell(name, value, str(row[at])) for name, value in zip(names, row, strict=True)] for row in rows)


def _cell(name: str, value: Any, currency: str) -> object:
    if name in _AMOUNTS and value is not None:
        return Decimal(decimal_string(int(value), currency))
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
