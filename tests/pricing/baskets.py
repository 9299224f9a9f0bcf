"""Lines and discounts for pricing, as hypothesis makes them up: often alike, often at the edges of what callers may send."""

from decimal import Decimal
from uuid import UUID

import msgspec
from hypothesis import strategies as st

from carelane.kit.money import MAX_CENTS
from carelane.pricing.arithmetic import Line, TaxRate

MAX_QUANTITY = 1_000_000


def _decimals(most, *usual):
    """Any decimal with six places, but often one of the usual ones, so that equals and halves come up."""
    any_other = st.decimals(min_value=0, max_value=most, places=6, allow_nan=False, allow_infinity=False)
    return st.sampled_from([Decimal(text) for text in usual]) | any_other


percentages = _decimals(100, "0", "0.000001", "0.5", "8.25", "10", "12.5", "33.333333", "50", "99.999999", "100")
quantities = _decimals(MAX_QUANTITY, "0", "0.000001", "0.1", "0.5", "1", "1.0", "1.5", "2", "3", "999999.999999")
amounts = st.sampled_from([0, 1, 2, 3, 50, 99, 100, 333, 9999, MAX_CENTS]) | st.integers(0, 20_000)
tax_rates = st.lists(
    st.builds(TaxRate, percentages, st.sampled_from([UUID(int=1), UUID(int=2), UUID(int=3)])),
    max_size=3,
    unique_by=lambda tax: tax.tax_id,
).map(lambda taxes: tuple(sorted(taxes, key=lambda tax: tax.tax_id)))
lines = st.builds(
    Line,
    sold_id=st.sampled_from([UUID(int=7), UUID(int=8), UUID(int=9)]),
    quantity=quantities,
    unit_price_cents=amounts,
    discount_amount_cents=st.just(0) | amounts,
    discount_percentage=st.just(Decimal(0)) | percentages,
    taxes=tax_rates,
)
# Lines that differ in what they sell alone, so that only that can say who gets an odd cent.
twins = lines.flatmap(
    lambda line: st.lists(
        st.sampled_from([msgspec.structs.replace(line, sold_id=UUID(int=number)) for number in (7, 8)]),
        min_size=2,
        max_size=6,
    )
)
baskets = st.lists(lines, max_size=8) | twins
