"""What can be exported, and how many rows that has."""

from datetime import datetime
from typing import Literal

import msgspec

ExportKind = Literal["charges", "payments", "refunds", "ledger"]


class ExportSpan(msgspec.Struct, frozen=True, kw_only=True):
    """From the first day to the last; `ends_at` is excluded."""

    begins_at: datetime
    ends_at: datetime


class ExportCountOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Beyond `rows` nobody counts where `isAtLeast`."""

    rows: int
    is_at_least: bool
