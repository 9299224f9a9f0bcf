"""What can be exported, and how many rows that has."""

from typing import Literal

import msgspec

ExportKind = Literal["charges", "payments", "refunds", "ledger"]


class ExportCountOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Beyond `rows` nobody counts where `isAtLeast`."""

    rows: int
    is_at_least: bool
