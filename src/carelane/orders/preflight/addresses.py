"""Where the parcel goes, and where the prescriber sits. No I/O."""

import re
from typing import Any

import msgspec

from carelane.kit.us_addresses import country_code, is_state, zip_in_state
from carelane.orders.preflight.body import PRESCRIBER, RULES, SHIPPING, text_at
from carelane.orders.preflight.findings import Findings
from carelane.orders.queries import OrderContext
from carelane.pharmacies.schemas import PostalAddress

_ZIP = re.compile(r"(\d{5})(-\d{4})?", re.ASCII)


def check_addresses(raw: dict[str, Any], known: OrderContext, findings: Findings) -> None:
    order = raw.get("order")
    if isinstance(order, dict) and order.get("shippingAddress") is None:
        faults = faults_of_patient(known)
        if faults:
            said = f"shippingAddress is required: the address of the case's patient lacks a good {', '.join(faults)}"
            findings.refuse(SHIPPING, said)
        elif not zip_in_state(patient_address(known).postal_code, patient_address(known).state):
            findings.doubt(SHIPPING, "the ZIP code of the patient's address does not lie in its state")
    for path in (SHIPPING, f"{PRESCRIBER}.address"):
        state, postal_code = text_at(raw, f"{path}.state"), text_at(raw, f"{path}.postalCode")
        if state and postal_code and is_state(state) and not zip_in_state(postal_code, state):
            findings.doubt(f"{path}.postalCode", "expected a ZIP code that lies in the state")


def patient_address(known: OrderContext) -> PostalAddress:
    """The patient's address in an order's form: capital letters, five digits. Valid only without `faults_of_patient`."""
    patient = known.patient
    postal_code = _ZIP.fullmatch((patient.postal_code or "").strip())
    return PostalAddress(
        address_line1=patient.address_line1 or "",
        address_line2=patient.address_line2 or None,
        city=patient.city or "",
        state=(patient.state or "").strip().upper(),
        country=country_code(patient.country),
        postal_code=postal_code[1] if postal_code else "",
    )


def faults_of_patient(known: OrderContext) -> list[str]:
    """Which members of the patient's address are not valid in an order."""
    address = msgspec.to_builtins(patient_address(known))
    prefix = f"{SHIPPING}."
    rules = [rule for rule in RULES if rule.path.startswith(prefix)]
    return [name for rule in rules if not rule.fits(address[name := rule.path.removeprefix(prefix)])]


def state_of(raw: dict[str, Any], known: OrderContext) -> str:
    """Where the parcel goes, as a state's two letters if the body is right."""
    return text_at(raw, f"{SHIPPING}.state") or patient_address(known).state
