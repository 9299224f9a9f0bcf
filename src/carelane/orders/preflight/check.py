"""The one place that says what is wrong with an order: with one that is sent to us, and with one that would leave again."""

from carelane.orders.preflight.addresses import check_addresses, patient_address, state_of
from carelane.orders.preflight.body import PRESCRIBER, check_body, drug_codes, text_at
from carelane.orders.preflight.clinic import check_case, check_drugs, check_pharmacy, check_prescriber
from carelane.orders.preflight.decisions import check_decisions, items_of, items_prescribed
from carelane.orders.preflight.findings import Findings
from carelane.orders.preflight.rulings import Rulings
from carelane.orders.queries import OrderContext
from carelane.orders.schemas import MAX_ITEMS, FindingOut, SentOrder
from carelane.pharmacies.schemas import Prescription


def preflight(sent: SentOrder, known: OrderContext, rulings: Rulings) -> list[FindingOut]:
    """All findings against a new order, the body's own faults first."""
    findings, raw = Findings(is_strict=known.is_strict), sent.raw
    check_body(sent, findings)
    check_addresses(raw, known, findings)
    check_case(known, findings)
    check_pharmacy("order.pharmacyId", text_at(raw, "order.pharmacyId"), known, findings)
    check_drugs(drug_codes(raw), known, findings)
    state = state_of(raw, known)
    npi = text_at(raw, f"{PRESCRIBER}.npi")
    if npi is not None:
        check_prescriber(f"{PRESCRIBER}.npi", npi, state, known, rulings, findings)
    states = {state, patient_address(known).state}
    check_decisions(list(items_of(raw, MAX_ITEMS)), states, rulings, findings)
    return findings.found


def recheck(prescription: Prescription, known: OrderContext, rulings: Rulings, *, is_new: bool) -> list[FindingOut]:
    """What is wrong with a prescription that was right once: whatever the clinic knew then may be otherwise now.

    `is_new`: it becomes another order; else the order is there and would be sent on, where the worker holds one whose
    pharmacy takes none any more.
    """
    findings, items = Findings(is_strict=known.is_strict), list(items_prescribed(prescription.items))
    state, npi = prescription.shipping_address.state, prescription.prescriber.npi
    check_case(known, findings)
    if is_new:
        check_pharmacy("pharmacyId", prescription.pharmacy_code, known, findings)
    check_drugs(((f"{item.place}.drugId", item.drug) for item in items), known, findings)
    check_prescriber("prescriber.npi", npi, state, known, rulings, findings)
    states = {state, patient_address(known).state}
    check_decisions(items, states, rulings, findings, is_new=is_new)
    return findings.found
