"""What the pages of the settings have in common: where one can go, and lists that are typed line by line."""

import re

from carelane.console.forms import Filled
from carelane.kit.languages import N_, _

PATH = "/console/settings"
_TABS = (
    ("", N_("Clinic")),
    ("/keys", N_("Keys and clients")),
    ("/webhooks", N_("Webhooks")),
    ("/pharmacies", N_("Pharmacies")),
    ("/gateway", N_("Payment gateway")),
    ("/file", N_("Organization file")),
    ("/changes", N_("Changed since")),
)
_IN_LIST = re.compile(r"(\w{1,60})\[(\d{1,4})\]", re.ASCII)


def tabs(here: str) -> list[tuple[str, str, None, bool]]:
    """Links to the parts; `here` is that of the page."""
    return [(_(text), PATH + path, None, path == here) for path, text in _TABS]


def at_their_fields(form: Filled) -> Filled:
    """What is wrong with one line is said at the field that holds all lines."""
    problems: dict[str, str] = {}
    for name, text in form.problems.items():
        found = _IN_LIST.fullmatch(name)
        if found:
            said = _("Line %(number)d: %(problem)s") % {"number": int(found[2]) + 1, "problem": text}
            problems[found[1]] = f"{problems[found[1]]} {said}" if found[1] in problems else said
        else:
            problems[name] = text
    return Filled(form.fields, problems, form.general, form.status, form.error)
