"""Money: integer cents and an ISO 4217 code; conversion at the edge, exactly or not at all.

Cents are hundredths of the currency's unit for every currency, also where ISO 4217 knows no smaller unit or a finer one.
"""

from decimal import Decimal

MAX_CENTS = 99_999_999_99
_CENT = Decimal("0.01")
_MOST = MAX_CENTS * _CENT

# ISO 4217, active codes. Zero and three: currencies whose minor unit is not a hundredth.
_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_TWO = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE "
    "CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR "
    "KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB "
    "PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY "
    "TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG"
)
MINOR_DIGITS = {code: digits for codes, digits in ((_ZERO, 0), (_TWO, 2), (_THREE, 3)) for code in codes.split()}


def is_currency(code: str) -> bool:
    """Whether `code` is an active ISO 4217 code, upper case."""
    return code in MINOR_DIGITS


def to_cents(amount: Decimal) -> int:
    """`159`, `159.5` and `99.99` as cents.

    Raises ValueError for anything that is not exact in two decimals, negative, or above MAX_CENTS: never rounds.
    """
    if not amount.is_finite() or amount < 0 or amount > _MOST:
        raise ValueError(f"expected an amount from 0 to {decimal_string(MAX_CENTS)}")
    # Comparing is exact, however many digits were sent; Decimal's other arithmetic rounds to 28 of them.
    to_the_cent = amount.quantize(_CENT)
    if to_the_cent != amount:
        raise ValueError("expected at most two decimals; amounts are never rounded")
    return int(to_the_cent.scaleb(2))


def decimal_string(cents: int) -> str:
    """Cents as the care dialect prints them: always two decimals, `"99.99"`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
