"""Gateway accounts in words."""

import msgspec

from carelane.clinic.gateway.schemas import GatewayAccountOut, Mode, PaymentTermsOut
from carelane.console.forms import Filled
from carelane.kit.languages import N_, _

NAMES: dict[Mode, str] = {"live": N_("Live money"), "test": N_("Test money")}


LABELS = {"policy": N_("Cases are charged"), "orderRequiresPayment": N_("Orders wait for the payment")}
# The secrets only by whether they are there and whether others were typed.
ACCOUNT_LABELS = {
    "secretKey": N_("Secret key"),
    "webhookSecret": N_("Webhook secret"),
    "forget": N_("The webhook secret before is good no more"),
    "isActive": N_("Payments are begun with this account"),
}
_POLICIES = (
    ("charge_on_approval", N_("when a clinician approves")),
    ("hold", N_("held first, taken at approval")),
    ("unverified", N_("by the storefront, not here")),
)
_SECRETS = ("secretKey", "webhookSecret")
_WAITS = (
    ("", N_("once cases are charged here")),
    ("true", N_("always")),
    ("false", N_("never")),
)


def policies() -> list[tuple[str, str]]:
    return [(code, _(text)) for code, text in _POLICIES]


def waits() -> list[tuple[str, str]]:
    return [(code, _(text)) for code, text in _WAITS]


def filled(terms: PaymentTermsOut) -> Filled:
    waits = {None: "", True: "true", False: "false"}[terms.order_requires_payment]
    return Filled.of(policy=terms.policy, orderRequiresPayment=waits, version=terms.version)


def account_filled(one: GatewayAccountOut | None) -> Filled:
    return Filled.of(isActive="true" if one is None or one.is_active else None, version=one.version if one else "")


def masked(form: Filled) -> Filled:
    """Secrets that were typed are never shown: that there are others is."""
    typed = {name: [_("another one")] for name in _SECRETS if form.get(name).strip()}
    return msgspec.structs.replace(form, fields=form.fields | {name: [] for name in _SECRETS} | typed)


def account_words(one: GatewayAccountOut | None) -> dict[str, list[tuple[str, str]]]:
    """What stands where no other secret was typed."""
    return {
        "secretKey": [("", _("yes") if one else _("none yet"))],
        "webhookSecret": [("", _webhook_secret(one) if one else _("none yet"))],
    }


def name_of(mode: Mode) -> str:
    return _(NAMES[mode])


def says(one: GatewayAccountOut | None, base: str) -> list[tuple[str, object]]:
    """What is set, without what it is."""
    if one is None:
        return [(_("Account"), _("none yet"))]
    return [
        (_("Account"), _("on") if one.is_active else _("switched off")),
        (_("Secret key"), _("yes")),
        (_("Webhook secret"), _webhook_secret(one)),
        (_("The gateway calls us at"), f"{base}{one.webhook_path}"),
    ]


def _webhook_secret(one: GatewayAccountOut) -> str:
    if not one.has_webhook_secret:
        return _("none: no webhook is taken")
    return _("yes; the one before is good, too") if one.has_previous_webhook_secret else _("yes")
