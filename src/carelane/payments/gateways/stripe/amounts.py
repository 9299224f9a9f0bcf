"""Amounts in Stripe's units, which are not always the currency's own (`kit.money`). Exact or refused, both ways.

https://docs.stripe.com/currencies: yen, dinars and most others are the same there. The króna and the Ugandan shilling, which have no
smaller unit, count in hundredths that must be zero; the ariary, which has hundredths, counts in whole ones; and of dinars with
three decimals the last one must be zero in what is sent.
"""

from fractions import Fraction

from carelane.kit.money import MINOR_DIGITS, minor_digits
from carelane.payments.gateways.errors import OutcomeUnknownError, RefusedByGatewayError

# Stripe's units in one of ours, where they differ.
_SCALE = {"ISK": Fraction(100), "UGX": Fraction(100), "MGA": Fraction(1, 100)}
# Without hundredths by ISO 4217 and in none of Stripe's lists: nobody says in what it would be counted.
_UNKNOWN = frozenset({"UYI", "IQD", "LYD"})
_CODE = "amount"


def to_stripe(amount_cents: int, currency: str) -> int:
    """Raises RefusedByGatewayError for what Stripe cannot take."""
    if currency not in MINOR_DIGITS or currency in _UNKNOWN:
        raise RefusedByGatewayError(f"the gateway takes no {currency}", "currency")
    if minor_digits(currency) == 3 and amount_cents % 10:
        raise RefusedByGatewayError(f"the gateway takes {currency} with two decimals only", _CODE)
    amount = amount_cents * _SCALE.get(currency, 1)
    if amount != int(amount):
        raise RefusedByGatewayError(f"the gateway takes whole {currency} only", _CODE)
    return int(amount)


def from_stripe(amount: int, currency: str) -> int:
    """`currency` in capitals. Raises OutcomeUnknownError for what our unit cannot say, such as part of a króna."""
    ours = amount / _SCALE[currency] if currency in _SCALE else amount
    if ours != int(ours):
        raise OutcomeUnknownError(f"no usable answer: an amount that is no whole number of {currency}'s unit")
    return int(ours)
