"""Amounts of money, quantities and points in time as people read them, in the language in hand. No I/O."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from carelane.kit.languages import SOURCE_LANGUAGE, _, language, region
from carelane.kit.money import minor_digits

# Unlike a hyphen, it is read aloud.
_MINUS = "\N{MINUS SIGN}"
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


def money_text(cents: int, currency: str) -> str:
    """`$1,234.50`, or `1,234.50 CHF` where the sign would be ambiguous; `1,023 JPY`, `1.234 KWD`."""
    digits = minor_digits(currency)
    number, minus = _amount(Decimal(abs(cents)).scaleb(-digits), digits), _MINUS if cents < 0 else ""
    sign = _SIGNS.get(currency)
    if sign and _is_sign_first():
        return f"{minus}{sign}{number}"
    return f"{minus}{number} {sign or currency}"


def sign_of(currency: str) -> str:
    """`$`, or the code where a sign would be ambiguous."""
    return _SIGNS.get(currency, currency)


def _amount(number: Decimal, digits: int) -> str:
    if language() == SOURCE_LANGUAGE:
        return f"{number:,.{digits}f}"
    return format_decimal(number, format=f"#,##0{'.' if digits else ''}{'0' * digits}", locale=region())


def _is_sign_first() -> bool:
    return language() == SOURCE_LANGUAGE or region().currency_formats["standard"].pattern.startswith("¤")


def number_text(number: Decimal) -> str:
    """`2`, `1.5`: without trailing zeros."""
    plain = f"{number.normalize():f}"
    return (
        plain
        if language() == SOURCE_LANGUAGE
        else format_decimal(Decimal(plain), format="0.#########", locale=region())
    )


def day_text(at: datetime, timezone: str) -> str:
    """`March 5, 2026`"""
    return _day_of(_local(at, timezone))


def moment_text(at: datetime, timezone: str) -> str:
    """`March 5, 2026, 4:30 PM EST`"""
    local = _local(at, timezone)
    return f"{_day_of(local)}, {time_text(local)}"


def time_text(local: datetime) -> str:
    """`4:30 PM EST`: with the zone, for where a clock is put back, it shows an hour of times twice."""
    if language() == SOURCE_LANGUAGE:
        return f"{local.hour % 12 or 12}:{local:%M %p %Z}"
    # Its narrow spaces make other text of it than people type.
    said = format_time(local, "short", locale=region()).replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\xa0", " ")
    return f"{said} {local:%Z}"


def weekday_text(day: date) -> str:
    """`Thursday, March 5`"""
    # A pattern of CLDR: weekday, month, day in the order of the language; words between stand in quotes.
    return format_date(day, _("EEEE, MMMM d"), locale=region())


def _day_of(local: datetime) -> str:
    if language() == SOURCE_LANGUAGE:
        return f"{local:%B} {local.day}, {local.year}"
    return format_date(local, "long", locale=region())


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
