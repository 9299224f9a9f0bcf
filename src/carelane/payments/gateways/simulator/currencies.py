"""Stripe's units: its smallest unit of a currency is not always the currency's own."""

from decimal import Decimal

from carelane.payments.gateways.simulator.errors import invalid

MAX_AMOUNT = 99_999_999
_CODE_LETTERS = 3
_ZERO_DECIMALS = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"}
)
# Counted in thousandths, of which the last digit must be 0.
_THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
# Counted in hundredths, of which both digits must be 0.
_WHOLE_ONLY = frozenset({"isk", "ugx"})
_SIGNS = {"usd": "$", "eur": "€", "gbp": "£"}


def require_amount(amount: int, currency: str) -> None:
    """Raises ApiError."""
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer")
    if amount > MAX_AMOUNT:
        raise invalid(f"Amount must be no more than {MAX_AMOUNT}.", "amount", "amount_too_large")
    lower = currency.lower()
    if not (len(lower) == _CODE_LETTERS and lower.isascii() and lower.isalpha()):
        raise invalid(f"Invalid currency: {currency}", "currency")
    step = 10 if lower in _THREE_DECIMALS else 100 if lower in _WHOLE_ONLY else 1
    if amount % step:
        raise invalid(
            f"Invalid amount: in {lower} it must be divisible by {step}.", "amount", "parameter_invalid_integer"
        )


def amount_text(amount: int, currency: str) -> str:
    digits = 0 if currency in _ZERO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2
    number = f"{Decimal(amount).scaleb(-digits):,.{digits}f}"
    sign = _SIGNS.get(currency)
    return f"{sign}{number}" if sign else f"{number} {currency.upper()}"
