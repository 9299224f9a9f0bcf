"""What the API says of a field, in words for people: names on the wire are for programs. How names and numbers are said."""

import re

from carelane.cases.review.queue.schemas import MOST_COUNTED
from carelane.kit.languages import N_, _

# Named otherwise on the pages than their words on the wire.
_NAMES = {
    "tenant": N_("Clinic"),
    "email": N_("E-mail"),
    "again": N_("Type it again"),
    "npi": N_("NPI"),
    "outcome": N_("Decision"),
    "decisionText": N_("Reason"),
    "staffId": N_("Clinician"),
    "drugId": N_("Drug"),
    "pharmacyId": N_("Pharmacy"),
    "productId": N_("Product"),
}
# Of what there are several of, each by its number.
_ITEM = re.compile(r"prescriptionItems\[(\d{1,4})\]", re.ASCII)
_ORDER = "order."
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MISSING = re.compile(r"(\w{1,60}) is required", re.ASCII)
# `user.shippingAddress.postalCode: expected a ZIP code`
_OF_PATIENT = re.compile(r"user\.([\w.]{1,100}): (.+)", re.ASCII | re.DOTALL)


def name_of(field: str) -> str:
    """`phoneNumber` as `Phone number`, `shippingAddress.postalCode` as `Shipping address, postal code`."""
    if field in _NAMES:
        return _(_NAMES[field])
    return ", ".join(_WORD.sub(" ", step).lower() for step in field.split(".")).capitalize()


def place_of(field: str) -> str:
    """Of an order: `order.prescriptionItems[0].drugId` as `Medicine 1, drug`, `prescriber.npi` as `Prescriber, NPI`."""
    said = ", ".join(map(_step, field.removeprefix(_ORDER).split(".")))
    return said[:1].upper() + said[1:]


def _step(step: str) -> str:
    item = _ITEM.fullmatch(step)
    if item:
        return _("medicine %(number)d") % {"number": int(item[1]) + 1}
    name = name_of(step)
    return name if name.isupper() else name[:1].lower() + name[1:]


def plain_problem(said: str) -> str:
    missing = _MISSING.fullmatch(said)
    return _("%(field)s: fill this in") % {"field": name_of(missing[1])} if missing else said


def plain_warning(said: str) -> str:
    """Of a case: of the patient's own data by the name of the field, else as it was said."""
    found = _OF_PATIENT.fullmatch(said)
    return f"{name_of(found[1])}: {found[2]}" if found else said


def patient_name(*names: str | None) -> str:
    return " ".join(name for name in names if name and name.strip()) or _("Patient without a name")


def capped(number: int, most: int = MOST_COUNTED) -> str:
    """Of what is counted no further."""
    return f"{most:,}+" if number >= most else str(number)
