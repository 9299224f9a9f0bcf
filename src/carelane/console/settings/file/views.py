"""What a file would change and what was changed since, in words."""

from collections import Counter

import msgspec

from carelane.apply.elsewhere.schemas import FileCheckOut
from carelane.kit.languages import N_, _

KINDS = {
    "organization": N_("Clinic"),
    "payments": N_("Payment terms"),
    "gateway": N_("Payment gateway"),
    "key": N_("Key"),
    "client": N_("Client"),
    "product": N_("Product"),
    "form": N_("Form"),
    "bundle": N_("Bundle"),
    "branding": N_("Branding"),
    "promo code": N_("Promo code"),
    "location": N_("Location"),
    "tax": N_("Tax"),
    "staff": N_("Member of staff"),
    "availability": N_("Hours of a clinician"),
    "pharmacy": N_("Pharmacy"),
    "drug": N_("Drug"),
    "webhook": N_("Webhook"),
    "mail template": N_("Mail template"),
    "logos": N_("Logos"),
    "second factor": N_("Second factor"),
    "invitation": N_("Invitation"),
}
_ACTIONS = {
    "create": ("good", "plus", N_("would be made")),
    "update": ("warn", "pencil-square", N_("would be changed")),
    "revoke": ("problem", "s-stop", N_("would be revoked")),
    "unchanged": ("soft", "s-none", N_("stays as it is")),
}


def kind(what: str) -> str:
    return _(KINDS[what]) if what in KINDS else what


def action(name: str) -> tuple[str, str, str]:
    """Kind, shape and word of a state."""
    colour, shape, text = _ACTIONS[name]
    return colour, shape, _(text)


def value(shown: str) -> str:
    """A text without its quotes, and nothing as a word; the rest as it is in the file."""
    if shown in {"null", '""', "[]", "{}"}:
        return _("nothing")
    try:
        text = msgspec.json.decode(shown)
    except msgspec.DecodeError:
        # It was cut off.
        return shown
    return text if isinstance(text, str) else shown


def counted(checked: FileCheckOut) -> dict[str, int]:
    """How many entries of each action."""
    counts = Counter(change.action for change in checked.changes)
    return {name: counts.get(name, 0) for name in ("create", "update", "revoke", "unchanged")}
