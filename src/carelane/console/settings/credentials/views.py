"""Keys and clients in words."""

from carelane.clinic.credentials.schemas import CredentialOut
from carelane.console.forms import Filled, Form
from carelane.kit.errors import FieldProblem, refuse
from carelane.kit.languages import N_, _
from carelane.permissions import GRANTABLE, MEANINGS

KINDS = (("key", N_("Key, for a storefront's requests")), ("client", N_("Client, for OAuth tokens")))
LABELS = {"name": N_("Name"), "scopes": N_("What it may do")}


def scopes() -> list[tuple[str, str]]:
    """Those that can be granted, with what each means."""
    return [(scope, meaning) for scope, meaning in MEANINGS.items() if scope in GRANTABLE]


def kinds() -> list[tuple[str, str]]:
    return [(kind, _(text)) for kind, text in KINDS]


def filled(one: CredentialOut) -> Filled:
    return Filled.of(name=one.name, scopes=one.scopes, version=one.version)


def require_typed(form: Form, one: CredentialOut, field: str) -> None:
    """Its name was typed. Raises RuleBrokenError."""
    if form.get(field).strip() != one.name.strip():
        refuse([FieldProblem(field, _("Type the name. Nothing was changed."))])
