"""Amounts of money, quantities and points in time as people read them. No I/O."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from carelane.kit.money import minor_digits

# Unlike a hyphen, it is read aloud.
_MINUS = "\N{MINUS SIGN}"
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


def money_text(cents: int, currency: str) -> str:
    """`$1,234.50`, or `1,234.50 CHF` where the sign would be ambiguous; `1,023 JPY`, `1.234 KWD`."""
    digits = minor_digits(currency)
    number, minus = f"{Decimal(abs(cents)).scaleb(-digits):,.{digits}f}", _MINUS if cents < 0 else ""
    sign = _SIGNS.get(currency)
    return f"{minus}{sign}{number}" if sign else f"{minus}{number} {currency}"


def number_text(number: Decimal) -> str:
    """`2`, `1.5`: without trailing zeros."""
    return f"{number.normalize():f}"


def day_text(at: datetime, timezone: str) -> str:
    """`March 5, 2026`"""
    local = _local(at, timezone)
    return f"{local:%B} {local.day}, {local.year}"


def moment_text(at: datetime, timezone: str) -> str:
    """`March 5, 2026, 4:30 PM EST`"""
    local = _local(at, timezone)
    return f"{day_text(at, timezone)}, {local.hour % 12 or 12}:{local:%M %p %Z}"


def _local(at: datetime, timezone: str) -> datetime:
    """Stays in UTC at the end of the calendar: callers send the last hours of 9999 for `never`, and in some places that is 10000."""
    try:
        return at.astimezone(_zone(timezone))
    except OverflowError:
        return at.astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    """UTC for an unknown name; the text then says UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
