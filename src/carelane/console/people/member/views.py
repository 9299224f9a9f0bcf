"""A member as a form, and what each role may do."""

import re

import msgspec

from carelane.clinic.people.schemas import MemberAddressIn, MemberSettingsOut, RolesOut
from carelane.console.forms import Filled, Form
from carelane.console.people.views import ROLES
from carelane.kit.languages import N_, _

LABELS = {
    "firstName": N_("First name"),
    "lastName": N_("Last name"),
    "role": N_("Role"),
    "title": N_("Title, such as Dr."),
    "titleSuffix": N_("After the name, such as MD"),
    "npi": N_("NPI"),
    "dea": N_("DEA number"),
    "phoneNumber": N_("Phone"),
    "address.addressLine1": N_("Street and number"),
    "address.addressLine2": N_("More of the address"),
    "address.city": N_("City"),
    "address.state": N_("State"),
    "address.postalCode": N_("ZIP code"),
    "address.country": N_("Country"),
    "takesCases": N_("Is given new cases"),
    "held": N_("Licenses"),
}
EMAIL_LABELS = {"email": N_("E-mail")}
_LICENSE = ("state", "number", "expiresOn")
_LINE = re.compile(r"licenses\[(\d{1,3})\]\.\w+", re.ASCII)
# Places for licenses that are new.
_EMPTY = 2


def filled(member: MemberSettingsOut) -> Filled:
    held = {
        f"licenses[{index}].{name}": str(value)
        for index, one in enumerate(member.licenses)
        for name, value in (("state", one.state), ("number", one.number), ("expiresOn", one.expires_on))
    }
    return Filled.of(
        firstName=member.first_name,
        lastName=member.last_name,
        role=member.role,
        title=member.title,
        titleSuffix=member.title_suffix,
        npi=member.npi,
        dea=member.dea,
        phoneNumber=member.phone_number,
        takesCases="true" if member.takes_cases else None,
        version=member.version,
        held=_held([(one.state, one.number, str(one.expires_on)) for one in member.licenses]),
        **held,
        **_address(member.address),
    )


def _address(address: MemberAddressIn) -> dict[str, str | None]:
    said: dict[str, str | None] = msgspec.to_builtins(address)
    return {f"address.{name}": text for name, text in said.items()}


def email_filled(member: MemberSettingsOut) -> Filled:
    return Filled.of(email=member.email, version=member.version)


def _held(licenses: list[tuple[str, str, str]]) -> list[str]:
    """All of them in one field, which is only compared."""
    return [
        _("%(state)s %(number)s, good until %(day)s") % {"state": state.strip().upper(), "number": number, "day": day}
        for state, number, day in licenses
    ]


def places(form: Filled) -> int:
    """How many licenses there is a place for."""
    taken = {
        name.partition("]")[0] for name, texts in form.fields.items() if name.startswith("licenses[") and any(texts)
    }
    highest = max(
        (int(name.removeprefix("licenses[")) for name in taken if name[9:].isdigit() and len(name) < 13), default=-1
    )
    return min(highest + 1 + _EMPTY, 100)


def without_empty_lines(form: Form) -> Form:
    """Licenses of which something was typed, one after the other: a browser sends the empty places, too."""
    typed = {name: texts for name, texts in form.fields.items() if not name.startswith("licenses[")}
    held = sorted({place for name in form.fields.keys() - typed.keys() if (place := _place(name)) is not None})
    lines = [{name: form.all(f"licenses[{place}].{name}") for name in _LICENSE} for place in held]
    kept = [line for line in lines if any(text.strip() for texts in line.values() for text in texts)]
    typed |= {f"licenses[{index}].{name}": texts for index, line in enumerate(kept) for name, texts in line.items()}
    typed["held"] = _held(
        [("".join(line["state"]), "".join(line["number"]), "".join(line["expiresOn"])) for line in kept]
    )
    return msgspec.structs.replace(form, fields=typed)


def _place(name: str) -> int | None:
    found = _LINE.fullmatch(name)
    return int(found[1]) if found else None


def roles() -> list[tuple[str, str]]:
    return [(role, _(name)) for role, name in ROLES.items()]


def of_roles(told: RolesOut) -> dict[str, object]:
    """Each thing that can be done, and who may."""
    names = {role: _(ROLES[role]).partition(",")[0] for role in told.roles}
    return {"lines": [(one.meaning, [names[role] for role in one.roles]) for one in told.permissions]}
