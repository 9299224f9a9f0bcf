"""What the clinic knows of what an order names: the case, the pharmacy, the drugs, the prescriber. No I/O."""

from collections.abc import Iterable

from carelane.kit import clock
from carelane.kit.us_addresses import is_state
from carelane.kit.us_zones import earliest_day_in
from carelane.orders.preflight.findings import Findings
from carelane.orders.preflight.rulings import Rulings
from carelane.orders.queries import OrderContext
from carelane.payments.gate.why import payment_waits_for


def check_case(known: OrderContext, findings: Findings) -> None:
    if known.is_archived:
        findings.refuse("caseId", "expected a case that is not archived; reopen it first")
    elif known.status == "ABANDONED":
        findings.refuse("caseId", "expected a case that was submitted; this is an abandoned cart")
    elif known.status == "REJECTED":
        # Whatever a profile forgives, nobody gets what the clinic's own clinician refused.
        findings.refuse("caseId", "expected a case that was not rejected; a clinician of this organization decided so")
    elif known.status != "APPROVED":
        findings.doubt("caseId", f"expected a case that is APPROVED; this one is {known.status}")
    if known.payment_wait is not None:
        findings.tell("caseId", f"the order will wait for {payment_waits_for(known.payment_wait)}")


def check_pharmacy(field: str, code: str | None, known: OrderContext, findings: Findings) -> None:
    """`code` is what the body calls it; None if it does not say."""
    if code is None or (known.pharmacy and known.pharmacy.is_active):
        return
    why = "takes no orders any more" if known.pharmacy else "is none"
    findings.refuse(field, f"expected a pharmacy of this organization; {code[:200]} {why}")


def check_drugs(codes: Iterable[tuple[str, str]], known: OrderContext, findings: Findings) -> None:
    """`codes` each with its field."""
    drugs = {drug.code: drug for drug in known.drugs}
    for field, code in codes:
        drug = drugs.get(code)
        if drug is None or not drug.is_active:
            why = "cannot be ordered any more" if drug else "is none"
            findings.refuse(field, f"expected a drug of this organization; {code[:200]} {why}")
        elif drug.schedule is not None:
            what = f"is a controlled substance (schedule {drug.schedule}) and cannot be ordered here"
            findings.refuse(field, f"expected a drug that is not controlled; {code[:200]} {what}")


def check_prescriber(
    field: str, npi: str, state: str, known: OrderContext, rulings: Rulings, findings: Findings
) -> None:
    """By the NPI: who decided, or another prescriber of the clinic; and with a licence where the parcel goes."""
    if known.licenses is None:
        if npi not in _deciders(rulings):
            expected = (
                "the clinician who decided, or another of this organization with a licence in the patient's state"
            )
            findings.doubt(field, f"expected the NPI of a prescriber: {expected}")
        return
    if not is_state(state):
        return
    # A licence ends with the end of its last day where it was given.
    today = earliest_day_in(state, clock.now())
    if not any(held.state == state and held.expires_on >= today for held in known.licenses):
        findings.doubt(field, f"expected a prescriber with a valid licence in {state}")


def _deciders(rulings: Rulings) -> set[str | None]:
    return {ruling.decision.decider.npi for ruling in rulings.by_product.values() if ruling.decision}
