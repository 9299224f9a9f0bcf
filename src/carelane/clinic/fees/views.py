"""Between a fee as it is kept and as a body or the organization file says it."""

from collections.abc import Iterable

from carelane.clinic.fees.schemas import NAMES, OF_KIND, PaymentFeeOut, PaymentFeesOut, SaidFee
from carelane.kit.money import decimal_string, read_amount
from carelane.payments.accounts.queries import Fee, Terms
from carelane.web.versions import version_of


def fees_of(said: Iterable[SaidFee], currency: str) -> list[Fee]:
    """Of what broke no rule."""
    return [
        Fee(
            kind=OF_KIND[one.kind],
            amount_cents=read_amount(one.amount, currency),
            currency=currency,
            label=one.label,
        )
        for one in said
    ]


def fees_out(terms: Terms) -> PaymentFeesOut:
    shown = [
        PaymentFeeOut(
            kind=NAMES[fee.kind],
            amount=decimal_string(fee.amount_cents, fee.currency),
            currency=fee.currency,
            label=fee.label,
        )
        for fee in terms.fees
    ]
    return PaymentFeesOut(fees=shown, currency=terms.currency, version=version_of((shown, terms.currency)))
