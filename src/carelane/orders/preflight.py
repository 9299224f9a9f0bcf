"""Everything that can be found wrong with an order before it is placed, always all of it at once. No I/O.

A rule looks at one text of the body, whatever else is wrong with the body. What a rule doubts, the `compat` profile accepts
with a warning and `strict` refuses.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from carelane.kit import clock
from carelane.kit.emails import is_email
from carelane.kit.ids import parse_uuid
from carelane.kit.phones import is_e164, is_possible_number
from carelane.kit.us_addresses import country_code, is_state, zip_in_state
from carelane.orders.queries import Named, OrderContext
from carelane.orders.schemas import MAX_CUSTOM_FIELDS_BYTES, MAX_CUSTOM_FIELDS_DEPTH, MAX_ITEMS, FindingOut, SentOrder
from carelane.patients.schemas import parse_date
from carelane.pharmacies.schemas import PostalAddress
from carelane.staff.schemas import is_dea, is_npi
from carelane.web.problems import MAX_PROBLEMS

_NPI = re.compile(r"\d{10}", re.ASCII)
_COUNTRY = re.compile(r"[A-Za-z]{2}", re.ASCII)
_POSTAL_CODE = re.compile(r"\d{5}", re.ASCII)
_ZIP = re.compile(r"(\d{5})(-\d{4})?", re.ASCII)
_SHIPPING = "order.shippingAddress"
_PRESCRIBER = "order.prescriber"


class Rule(msgspec.Struct, frozen=True):
    """`path` names a text of the body, `[*]` every item of a list. `expected` never repeats the value."""

    path: str
    fits: Callable[[str], bool]
    expected: str
    is_doubt: bool = False


# ---- single texts


def is_moment(text: str) -> bool:
    """Whether `text` is a calendar date, or an instant with its offset."""
    if parse_date(text[:10]) is None:
        return False
    try:
        return len(text) == 10 or (text[10] == "T" and datetime.fromisoformat(text).utcoffset() is not None)
    except ValueError:
        return False


def _is_there(text: str) -> bool:
    return bool(text.strip())


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _if_given(fits: Callable[[str], bool]) -> Callable[[str], bool]:
    """For optional texts: many callers send an empty string for none."""
    return lambda text: not text.strip() or fits(text)


def _address_rules(path: str) -> tuple[Rule, ...]:
    return (
        Rule(f"{path}.addressLine1", _is_there, "expected a street address, not blank"),
        Rule(f"{path}.city", _is_there, "expected a city, not blank"),
        Rule(f"{path}.state", is_state, "expected a US state abbreviation in capital letters, such as CA"),
        Rule(f"{path}.country", _matches(_COUNTRY), "expected a country code of two letters, such as US"),
        Rule(f"{path}.postalCode", _matches(_POSTAL_CODE), "expected exactly 5 digits"),
    )


_DATE = "expected YYYY-MM-DD, or an instant such as 2024-01-15T10:30:00Z"
RULES: tuple[Rule, ...] = (
    Rule("idempotencyKey", _is_there, "expected a key, not blank"),
    *_address_rules(_SHIPPING),
    Rule(f"{_PRESCRIBER}.firstName", _is_there, "expected a name, not blank"),
    Rule(f"{_PRESCRIBER}.lastName", _is_there, "expected a name, not blank"),
    Rule(f"{_PRESCRIBER}.npi", _matches(_NPI), "expected ten digits"),
    Rule(f"{_PRESCRIBER}.npi", is_npi, "expected an NPI whose check digit is right", is_doubt=True),
    Rule(
        f"{_PRESCRIBER}.dea",
        _if_given(is_dea),
        "expected a DEA number: two capital letters, seven digits, the last of them its check digit",
        is_doubt=True,
    ),
    Rule(f"{_PRESCRIBER}.email", is_email, "expected an e-mail address such as name@example.com"),
    Rule(f"{_PRESCRIBER}.phoneNumber", is_e164, "expected E.164: + and 2 to 15 digits, such as +12125550123"),
    Rule(f"{_PRESCRIBER}.phoneNumber", is_possible_number, "expected a possible telephone number", is_doubt=True),
    *_address_rules(f"{_PRESCRIBER}.address"),
    Rule("order.diagnosis", _is_there, "expected a diagnosis, not blank"),
    Rule("order.pharmacyId", _is_there, "expected a pharmacy, not blank"),
    *(Rule(f"order.{name}", _if_given(is_moment), _DATE) for name in ("dateWritten", "dateSigned", "datePrescribed")),
    Rule("order.prescriptionItems[*].drugId", _is_there, "expected a drug, not blank"),
    Rule("order.prescriptionItems[*].quantity", _is_there, "expected a quantity, not blank"),
)


# ---- the body


def texts_at(raw: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text at the path, with its own place: `items[*].name` yields `items[0].name`, …"""
    found: list[tuple[str, Any]] = [("", raw)]
    for name in _steps(path):
        found = [inner for place, value in found for inner in _inner(place, value, name)]
    return ((place, value) for place, value in found if isinstance(value, str))


@cache
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.replace("[*]", ".*").split("."))


def _inner(place: str, value: Any, name: str) -> list[tuple[str, Any]]:
    """What is under the name: one value, every item of a list for `*`, or nothing. Of a list that is too long anyway, no
    more is looked at than an order may have."""
    if name == "*":
        items = value[:MAX_ITEMS] if isinstance(value, list) else []
        return [(f"{place}[{index}]", item) for index, item in enumerate(items)]
    if isinstance(value, dict) and name in value:
        return [(f"{place}.{name}" if place else name, value[name])]
    return []


def text_at(raw: Any, path: str) -> str | None:
    return next((text for _, text in texts_at(raw, path)), None)


def named(raw: dict[str, Any]) -> Named:
    """What must be looked up for this body."""
    pharmacy = text_at(raw, "order.pharmacyId")
    return Named(
        pharmacy=pharmacy,
        pharmacy_id=parse_uuid(pharmacy or ""),
        drugs=[code for _, code in _drug_codes(raw)],
        npi=text_at(raw, f"{_PRESCRIBER}.npi"),
        key=text_at(raw, "idempotencyKey"),
    )


def _drug_codes(raw: dict[str, Any]) -> Iterator[tuple[str, str]]:
    return texts_at(raw, "order.prescriptionItems[*].drugId")


class _Findings:
    """Nothing more is said about a refused field: the first fault of a value says more than what follows from it."""

    def __init__(self, *, is_strict: bool) -> None:
        self._is_strict = is_strict
        self._refused: set[str] = set()
        self.found: list[FindingOut] = []

    def refuse(self, field: str, message: str) -> None:
        self._add(FindingOut(field, message, "refuse"))
        self._refused.add(field)

    def doubt(self, field: str, message: str) -> None:
        if self._is_strict:
            self.refuse(field, message)
        else:
            self._add(FindingOut(field, message, "warn"))

    def _add(self, finding: FindingOut) -> None:
        if finding.field not in self._refused and len(self.found) < MAX_PROBLEMS:
            self.found.append(finding)


def preflight(sent: SentOrder, known: OrderContext) -> list[FindingOut]:
    """All findings against the order, the body's own faults first."""
    findings = _Findings(is_strict=known.is_strict)
    for problem in sent.problems:
        findings.refuse(problem.field, problem.problem)
    for rule in RULES:
        for field, text in texts_at(sent.raw, rule.path):
            if not rule.fits(text):
                (findings.doubt if rule.is_doubt else findings.refuse)(field, rule.expected)
    _check_custom_fields(sent.raw, findings)
    _check_addresses(sent.raw, known, findings)
    _check_case(known, findings)
    _check_pharmacy(sent.raw, known, findings)
    _check_drugs(sent.raw, known, findings)
    _check_license(sent.raw, known, findings)
    return findings.found


def _check_custom_fields(raw: dict[str, Any], findings: _Findings) -> None:
    order = raw.get("order")
    fields = order.get("customFields") if isinstance(order, dict) else None
    if not isinstance(fields, dict):
        return
    if not _is_flat_enough(fields):
        findings.refuse("order.customFields", f"expected at most {MAX_CUSTOM_FIELDS_DEPTH} levels of JSON")
    elif len(msgspec.json.encode(fields)) > MAX_CUSTOM_FIELDS_BYTES:
        findings.refuse("order.customFields", f"expected at most {MAX_CUSTOM_FIELDS_BYTES} bytes of JSON")


def _is_flat_enough(fields: dict[str, Any]) -> bool:
    """Level by level, because it may be nested deeper than a function can recurse."""
    level: list[Any] = [fields]
    for _ in range(MAX_CUSTOM_FIELDS_DEPTH):
        inside = [value.values() if isinstance(value, dict) else value for value in level]
        level = [value for values in inside for value in values if isinstance(value, dict | list)]
    return not level


# ---- addresses


def _check_addresses(raw: dict[str, Any], known: OrderContext, findings: _Findings) -> None:
    order = raw.get("order")
    if isinstance(order, dict) and order.get("shippingAddress") is None:
        faults = faults_of_patient(known)
        if faults:
            said = f"shippingAddress is required: the address of the case's patient lacks a good {', '.join(faults)}"
            findings.refuse(_SHIPPING, said)
        elif not zip_in_state(patient_address(known).postal_code, patient_address(known).state):
            findings.doubt(_SHIPPING, "the ZIP code of the patient's address does not lie in its state")
    for path in (_SHIPPING, f"{_PRESCRIBER}.address"):
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
    prefix = f"{_SHIPPING}."
    rules = [rule for rule in RULES if rule.path.startswith(prefix)]
    return [name for rule in rules if not rule.fits(address[name := rule.path.removeprefix(prefix)])]


# ---- what the clinic knows


def _check_case(known: OrderContext, findings: _Findings) -> None:
    if known.is_archived:
        findings.refuse("caseId", "expected a case that is not archived; reopen it first")
    elif known.status == "ABANDONED":
        findings.refuse("caseId", "expected a case that was submitted; this is an abandoned cart")
    elif known.status == "REJECTED":
        # Whatever a profile forgives, nobody gets what the clinic's own clinician refused.
        findings.refuse("caseId", "expected a case that was not rejected; a clinician of this organization decided so")
    elif known.status != "APPROVED":
        findings.doubt("caseId", f"expected a case that is APPROVED; this one is {known.status}")


def _check_pharmacy(raw: dict[str, Any], known: OrderContext, findings: _Findings) -> None:
    code = text_at(raw, "order.pharmacyId")
    if code is None or (known.pharmacy and known.pharmacy.is_active):
        return
    why = "takes no orders any more" if known.pharmacy else "is none"
    findings.refuse("order.pharmacyId", f"expected a pharmacy of this organization; {code[:200]} {why}")


def _check_drugs(raw: dict[str, Any], known: OrderContext, findings: _Findings) -> None:
    drugs = {drug.code: drug for drug in known.drugs}
    for field, code in _drug_codes(raw):
        drug = drugs.get(code)
        if drug is None or not drug.is_active:
            why = "cannot be ordered any more" if drug else "is none"
            findings.refuse(field, f"expected a drug of this organization; {code[:200]} {why}")
        elif drug.schedule is not None:
            what = f"is a controlled substance (schedule {drug.schedule}) and cannot be ordered here"
            findings.refuse(field, f"expected a drug that is not controlled; {code[:200]} {what}")


def _check_license(raw: dict[str, Any], known: OrderContext, findings: _Findings) -> None:
    """Of the clinic's own prescribers only: it knows no licenses of others."""
    state = text_at(raw, f"{_SHIPPING}.state") or patient_address(known).state
    if known.licenses is None or not is_state(state):
        return
    today = clock.now().date()
    if not any(held.state == state and held.expires_on >= today for held in known.licenses):
        findings.doubt(f"{_PRESCRIBER}.npi", f"expected a prescriber with a valid licence in {state}")
