"""Money: integer minor units of an ISO 4217 currency; conversion at the edge, exactly or not at all.

Names say `cents`, as both dialects do. They mean the smallest unit the currency has: yen for JPY, cents for USD, fils for KWD.
"""

from decimal import ROUND_HALF_UP, Decimal

from carelane.kit.decimals import decimal_of, plain_decimal

MAX_CENTS = 99_999_999_99
# A currency that left ISO 4217 since it was stored had hundredths.
_USUAL_DIGITS = 2
# How far a double may lie from the amount it stands for, in parts of the amount.
_NOISE = Decimal("1e-12")

# ISO 4217, active codes. Zero and three: currencies whose minor unit is not a hundredth.
_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_TWO = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE "
    "CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR "
    "KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB "
    "PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY "
    "TTD TWD TZS UAH USD UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG"
)
MINOR_DIGITS = {code: digits for codes, digits in ((_ZERO, 0), (_TWO, 2), (_THREE, 3)) for code in codes.split()}

_EXACT = {
    0: "a whole amount, for the currency has no smaller unit",
    2: "at most two decimals",
    3: "at most three decimals",
}


def is_currency(code: str) -> bool:
    """Whether `code` is an active ISO 4217 code, upper case."""
    return code in MINOR_DIGITS


def minor_digits(currency: str) -> int:
    """How many decimals an amount in the currency has."""
    return MINOR_DIGITS.get(currency, _USUAL_DIGITS)


def to_cents(amount: Decimal, currency: str, noise: Decimal = Decimal(0)) -> int:
    """`159`, `159.5` and `99.99` dollars as cents, `1.234` Kuwaiti dinars as fils.

    Raises ValueError for anything that is not exact in the currency's own unit, negative, or above MAX_CENTS: never rounds, but
    for a difference below `noise`, in parts of the amount.
    """
    digits = minor_digits(currency)
    unit = Decimal(1).scaleb(-digits)
    most = MAX_CENTS * unit
    if not amount.is_finite() or amount < 0 or amount > most:
        raise ValueError(f"expected an amount from 0 to {decimal_string(MAX_CENTS, currency)}")
    # Comparing is exact, however many digits were sent; Decimal's other arithmetic rounds to 28 of them.
    to_the_unit = amount.quantize(unit, ROUND_HALF_UP)
    if to_the_unit != amount and not abs(to_the_unit - amount) < noise * amount:
        raise ValueError(f"expected {_EXACT[digits]}; amounts are never rounded")
    return int(to_the_unit.scaleb(digits))


def read_amount(sent: float | str, currency: str) -> int:
    """An amount from JSON in the currency's minor units: a number, or a text such as `"99.99"`.

    A number that is only a double's noise away from an exact amount, such as 109.99000000000001, is that amount. Raises
    ValueError as `to_cents` does.
    """
    if isinstance(sent, str):
        return to_cents(plain_decimal(sent), currency)
    return to_cents(Decimal(sent) if isinstance(sent, int) else decimal_of(sent), currency, _NOISE)


def decimal_string(cents: int, currency: str) -> str:
    """As the care dialect prints an amount, with all decimals that the currency has: `"99.99"`."""
    digits = minor_digits(currency)
    return f"{Decimal(cents).scaleb(-digits):.{digits}f}"
