"""Gateway accounts in words."""

from carelane.clinic.gateway.schemas import GatewayAccountOut, Mode, PaymentTermsOut
from carelane.console.forms import Filled, Form
from carelane.kit.errors import FieldProblem, refuse
from carelane.kit.languages import N_, _

NAMES: dict[Mode, str] = {"live": N_("Live money"), "test": N_("Test money")}


LABELS = {"policy": N_("Cases are charged"), "orderRequiresPayment": N_("Orders wait for the payment")}
_POLICIES = (
    ("charge_on_approval", N_("when a clinician approves")),
    ("hold", N_("held first, taken at approval")),
    ("unverified", N_("by the storefront, not here")),
)
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


def name_of(mode: Mode) -> str:
    return _(NAMES[mode])


def says(one: GatewayAccountOut | None, base: str) -> list[tuple[str, object]]:
    """What is set, without what it is."""
    if one is None:
        return [(_("Account"), _("none yet"))]
    previous = _("yes; the one before is good, too") if one.has_previous_webhook_secret else _("yes")
    return [
        (_("Account"), _("on") if one.is_active else _("switched off")),
        (_("Secret key"), _("yes")),
        (_("Webhook secret"), previous if one.has_webhook_secret else _("none: no webhook is taken")),
        (_("The gateway calls us at"), f"{base}{one.webhook_path}"),
    ]


def require_typed(form: Form, mode: Mode) -> None:
    """Money is at stake: the word for it is typed. Raises RuleBrokenError."""
    if form.get("word").strip().lower() != mode:
        refuse([FieldProblem("word", _("Type %(word)s. Nothing was changed.") % {"word": mode})])
