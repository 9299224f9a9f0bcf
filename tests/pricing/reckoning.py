"""What pricing must come to, worked out a second way: with fractions, from the rules in docs/design/pricing.md."""

from fractions import Fraction
from math import floor

HALF = Fraction(1, 2)


def half_up(amount):
    """The whole cent nearest to `amount`, of two equally near ones the greater."""
    return floor(amount + HALF)


def gross(line):
    return half_up(Fraction(line.quantity) * line.unit_price_cents)


def discount(of_cents, percentage, amount_cents):
    return min(of_cents, half_up(of_cents * Fraction(percentage) / 100) + amount_cents)


def line_total(line):
    return gross(line) - discount(gross(line), line.discount_percentage, line.discount_amount_cents)


def fair_share(line, lines, whole_discount):
    """What the line would bear if cents could be divided."""
    whole = sum(map(line_total, lines))
    return Fraction(whole_discount * line_total(line), whole) if whole else Fraction(0)


def shares(lines, whole_discount):
    """The discount cent by cent: each to the line that is furthest behind its fair share, until nothing is left."""
    fair = [fair_share(line, lines, whole_discount) for line in lines]
    given = [floor(share) for share in fair]
    while sum(given) < sum(fair):
        behind = [(share - so_far, _asks(line)) for share, so_far, line in zip(fair, given, lines, strict=True)]
        given[behind.index(max(behind))] += 1
    return given


def _asks(line):
    return (
        line.unit_price_cents,
        line.quantity,
        line.discount_percentage,
        line.discount_amount_cents,
        sorted(line.taxes),
        line.sold_id,
    )


def reckon(lines, amount_cents, percentage):
    """(subtotal, discount, tax, total) and, for each line, (gross, own discount, total, share, its taxes)."""
    totals = [line_total(line) for line in lines]
    subtotal = sum(totals)
    whole_discount = discount(subtotal, percentage, amount_cents)
    each = [
        (gross(line), gross(line) - total, total, share, tuple(_tax(total - share, tax) for tax in line.taxes))
        for line, total, share in zip(lines, totals, shares(lines, whole_discount), strict=True)
    ]
    tax = sum(sum(parts[4]) for parts in each)
    return (subtotal, whole_discount, tax, subtotal - whole_discount + tax), each


def _tax(of_cents, tax):
    return half_up(of_cents * Fraction(tax.percentage) / 100)
