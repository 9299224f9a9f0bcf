"""What of a payment is which fee. The parts always come to the whole."""

import msgspec

from carelane.payments.accounts.queries import Fee, FeeKind
from carelane.payments.intake.schemas import IntakeTerms


class SubFee(msgspec.Struct, frozen=True):
    label: str
    amount_cents: int


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """`consult_cents` is what no fee takes."""

    consult_cents: int = 0
    of_kind: dict[FeeKind, int] = {}
    others: list[SubFee] = []

    def of(self, kind: FeeKind) -> int:
        return self.of_kind.get(kind, 0)


NO_SPLIT = Split()


def split(amount_cents: int, currency: str, terms: IntakeTerms) -> Split:
    """The organization's fees in that currency, and the consultation's fee for the rest. All of it is the consultation's where
    they would come to more than the payment."""
    fees = [fee for fee in terms.fees if fee.amount_cents > 0 and fee.currency == currency]
    taken = sum(fee.amount_cents for fee in fees)
    if taken > amount_cents:
        return Split(consult_cents=amount_cents)
    of_kind: dict[FeeKind, int] = {}
    for fee in fees:
        of_kind[fee.kind] = of_kind.get(fee.kind, 0) + fee.amount_cents
    others = [SubFee(fee.label or "Other", fee.amount_cents) for fee in fees if fee.kind == "other"]
    return Split(consult_cents=amount_cents - taken, of_kind=of_kind, others=others)


def is_split(fees: list[Fee]) -> bool:
    """Whether the organization says what its payments are made of."""
    return any(fee.amount_cents > 0 for fee in fees)
