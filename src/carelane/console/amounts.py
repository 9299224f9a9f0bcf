"""Amounts as people type them, in whatever currency, and as the pages say them."""

import re
from decimal import Decimal

from carelane.console.forms import Filled
from carelane.kit.errors import FieldProblem, InvalidRequestError, RuleBrokenError
from carelane.kit.formatting import money_text, sign_of
from carelane.kit.languages import _
from carelane.kit.money import minor_digits, read_amount

_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


def cents_of(text: str, currency: str) -> int | None:
    """An amount as it is typed or shown, such as `12.50`, `€1,234.50` or `1,234.50 CHF`.

    None where it is none: a comma groups thousands, and `12,50` may mean another amount.
    """
    plain = _without_sign(text, currency)
    if "," in plain and not _is_grouped(plain, currency):
        return None
    try:
        return read_amount(plain.replace(",", ""), currency)
    except (ValueError, InvalidRequestError):
        return None


def _without_sign(text: str, currency: str) -> str:
    """Of its own currency: with another one's it is no amount."""
    plain = text.strip()
    for mark in (sign_of(currency), currency):
        for bare in (plain.removeprefix(mark), plain.removesuffix(mark)):
            if bare != plain:
                return bare.strip()
    return plain


def _is_grouped(text: str, currency: str) -> bool:
    """With three decimals `1,234` may be either; the point makes it plain."""
    return bool(_GROUPED.fullmatch(text)) and (minor_digits(currency) < 3 or "." in text)


def typed_cents(form: Filled, field: str, currency: str) -> int:
    """An amount above nothing. Raises RuleBrokenError."""
    cents = cents_of(form.get(field), currency)
    if not cents:
        raise RuleBrokenError(problems=[FieldProblem(field, _("Type an amount, such as 12.50."))])
    return cents


def require_amount(form: Filled, field: str, cents: int, currency: str) -> None:
    """Raises RuleBrokenError unless this very amount was typed, as the page shows it or as a number."""
    shown = money_text(cents, currency)
    if form.get(field).strip() != shown and cents_of(form.get(field), currency) != cents:
        said = _("Type the amount: %(amount)s. Nothing was changed.") % {"amount": shown}
        raise RuleBrokenError(problems=[FieldProblem(field, said)])


def spoken(amount: str, currency: str) -> str:
    """A decimal string as `$159.00`, with a minus where it has one; sums, too, which are above any amount that may be typed."""
    return money_text(int(Decimal(amount).scaleb(minor_digits(currency))), currency)
