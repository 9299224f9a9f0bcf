"""The body by itself: the rules of its texts, and how they are reached in a body that may be wrong everywhere. No I/O.

A rule looks at one text of the body, whatever else is wrong with the body.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import msgspec

from carelane.kit.emails import is_email
from carelane.kit.ids import parse_uuid
from carelane.kit.phones import is_e164, is_possible_number
from carelane.kit.us_addresses import is_state
from carelane.orders.preflight.findings import Findings
from carelane.orders.preflight.values import EARLIEST_WRITTEN, is_moment, is_quantity, is_written_in_time
from carelane.orders.queries import Named
from carelane.orders.schemas import MAX_CUSTOM_FIELDS_BYTES, MAX_CUSTOM_FIELDS_DEPTH, MAX_ITEMS, SentOrder
from carelane.staff.schemas import is_dea, is_npi

_NPI = re.compile(r"\d{10}", re.ASCII)
_COUNTRY = re.compile(r"[A-Za-z]{2}", re.ASCII)
_POSTAL_CODE = re.compile(r"\d{5}", re.ASCII)
SHIPPING = "order.shippingAddress"
PRESCRIBER = "order.prescriber"
DATES = ("dateWritten", "dateSigned", "datePrescribed")


class Rule(msgspec.Struct, frozen=True):
    """`path` names a text of the body, `[*]` every item of a list. `expected` never repeats the value."""

    path: str
    fits: Callable[[str], bool]
    expected: str
    is_doubt: bool = False


# ---- single texts


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
_QUANTITY = "expected a number above 0, at most 99999, and perhaps what is counted, such as 30 or 60 tablets"
RULES: tuple[Rule, ...] = (
    Rule("idempotencyKey", _is_there, "expected a key, not blank"),
    *_address_rules(SHIPPING),
    Rule(f"{PRESCRIBER}.firstName", _is_there, "expected a name, not blank"),
    Rule(f"{PRESCRIBER}.lastName", _is_there, "expected a name, not blank"),
    Rule(f"{PRESCRIBER}.npi", _matches(_NPI), "expected ten digits"),
    Rule(f"{PRESCRIBER}.npi", is_npi, "expected an NPI whose check digit is right", is_doubt=True),
    Rule(
        f"{PRESCRIBER}.dea",
        _if_given(is_dea),
        "expected a DEA number: two capital letters, seven digits, the last of them its check digit",
        is_doubt=True,
    ),
    Rule(f"{PRESCRIBER}.email", is_email, "expected an e-mail address such as name@example.com"),
    Rule(f"{PRESCRIBER}.phoneNumber", is_e164, "expected E.164: + and 2 to 15 digits, such as +12125550123"),
    Rule(f"{PRESCRIBER}.phoneNumber", is_possible_number, "expected a possible telephone number", is_doubt=True),
    *_address_rules(f"{PRESCRIBER}.address"),
    Rule("order.diagnosis", _is_there, "expected a diagnosis, not blank"),
    Rule("order.pharmacyId", _is_there, "expected a pharmacy, not blank"),
    *(Rule(f"order.{name}", _if_given(is_moment), _DATE) for name in DATES),
    Rule("order.prescriptionItems[*].drugId", _is_there, "expected a drug, not blank"),
    Rule("order.prescriptionItems[*].quantity", is_quantity, _QUANTITY),
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
        drugs=[code for _, code in drug_codes(raw)],
        npi=text_at(raw, f"{PRESCRIBER}.npi"),
        key=text_at(raw, "idempotencyKey"),
    )


def drug_codes(raw: dict[str, Any]) -> Iterator[tuple[str, str]]:
    return texts_at(raw, "order.prescriptionItems[*].drugId")


def check_body(sent: SentOrder, findings: Findings) -> None:
    """The body's own faults."""
    for problem in sent.problems:
        findings.refuse(problem.field, problem.problem)
    for rule in RULES:
        for field, text in texts_at(sent.raw, rule.path):
            if not rule.fits(text):
                (findings.doubt if rule.is_doubt else findings.refuse)(field, rule.expected)
    _check_dates(sent.raw, findings)
    _check_custom_fields(sent.raw, findings)


def _check_dates(raw: dict[str, Any], findings: Findings) -> None:
    state = text_at(raw, f"{PRESCRIBER}.address.state") or ""
    for name in DATES:
        text = text_at(raw, f"order.{name}") or ""
        if is_moment(text) and not is_written_in_time(text, state):
            said = f"expected a day from {EARLIEST_WRITTEN} to today, where the prescriber is"
            findings.refuse(f"order.{name}", said)


def _check_custom_fields(raw: dict[str, Any], findings: Findings) -> None:
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
