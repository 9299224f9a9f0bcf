"""Keys and clients in words."""

from carelane.clinic.credentials.schemas import CredentialOut
from carelane.console.forms import Filled
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
