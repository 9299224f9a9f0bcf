"""What of the address says which export it is."""

from datetime import date
from typing import get_args

from carelane.kit.errors import RecordNotFoundError
from carelane.payments.exports.schemas import ExportKind
from carelane.web.periods import Period, read_days

# Ten years, and their leap days.
MOST_DAYS = 3_660
KINDS: tuple[ExportKind, ...] = get_args(ExportKind)


def kind_of(text: str) -> ExportKind:
    """Raises RecordNotFoundError."""
    try:
        return KINDS[KINDS.index(text)]
    except ValueError:
        raise RecordNotFoundError(f"no export {text} here") from None


def span_of(first: date, last: date, tz: str | None) -> Period:
    """Raises InvalidRequestError."""
    return read_days(first, last, tz or "UTC", MOST_DAYS, ("from", "until"))
