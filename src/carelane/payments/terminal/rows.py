"""What of an amount is for which charge, and whether a card can pay it. No I/O."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, RuleBrokenError, refuse
from carelane.payments.terminal.queries import ChargeRow, ConfigRow, Share

# Whoever comes with a card later looks again at what is to be paid.
LONGEST_KEPT = timedelta(days=1)


def refuse_stale(config: ConfigRow, now: datetime) -> None:
    """Raises ConflictError of one that nobody charged a card for in time."""
    if now - config.created_at > LONGEST_KEPT:
        raise ConflictError("it was written down more than a day ago; make a new payin config")


def require_payable(named: Sequence[tuple[UUID, str]], found: Mapping[UUID, ChargeRow]) -> list[ChargeRow]:
    """The charges, in the order of `named`, which has their ids as they are and as they were sent; one patient's, of one kind of money.
    Raises RecordNotFoundError, ConflictError, RuleBrokenError."""
    refuse(
        FieldProblem(f"charges[{number}].id", "expected another id than those of the charges before it")
        for number, (charge_id, _) in enumerate(named)
        if any(charge_id == before for before, _ in named[:number])
    )
    unknown = [ref for charge_id, ref in named if charge_id not in found or found[charge_id].is_archived]
    if unknown:
        raise RecordNotFoundError(f"no charge {', '.join(unknown)} here")
    charges = [found[charge_id] for charge_id, _ in named]
    for charge, (_, ref) in zip(charges, named, strict=True):
        if charge.is_voided:
            raise ConflictError(f"the charge {ref} is VOID")
        if charge.case_id is not None:
            raise ConflictError(f"the charge {ref} is that of a case, which is paid by the case's own payment")
        if charge.outstanding_cents <= 0:
            raise ConflictError(f"nothing of the charge {ref} is outstanding")
    first = charges[0]
    for number, charge in enumerate(charges):
        if (charge.patient_id, charge.currency, charge.is_test) != (first.patient_id, first.currency, first.is_test):
            raise RuleBrokenError(
                problems=[FieldProblem(f"charges[{number}].id", "expected charges of one patient, in one currency")]
            )
    return charges


def shares_of(charges: Sequence[ChargeRow], amount_cents: int | None) -> list[Share]:
    """One charge after the other, as far as the amount reaches; all that is outstanding, where there is none. Raises RuleBrokenError."""
    total = sum(charge.outstanding_cents for charge in charges)
    left = total if amount_cents is None else amount_cents
    if left > total:
        problem = f"expected at most {total}, which is outstanding"
        raise RuleBrokenError(problems=[FieldProblem("paymentAmount", problem)])
    shares = []
    for charge in charges:
        part = min(charge.outstanding_cents, left)
        if part:
            shares.append(Share(charge.id, part))
        left -= part
    return shares
