"""Webhook endpoints and deliveries in words."""

import msgspec

from carelane.console.forms import Filled, Form
from carelane.console.settings.views import at_their_fields
from carelane.event_names import MEANINGS
from carelane.kit.auth import Actor
from carelane.kit.errors import CarelaneError
from carelane.kit.languages import N_, _
from carelane.permissions import permissions_of
from carelane.webhooks.endpoints.errors import EndpointDisabledError
from carelane.webhooks.endpoints.reads import get_contents
from carelane.webhooks.endpoints.schemas import SUBSCRIBABLE, ContentsOut, EndpointOut
from carelane.webhooks.sending.states import DeliveryStatus

# Of a message: a page that is larger helps nobody.
MOST_SHOWN = 50_000
_FORMATS = (("URL", N_("As links that are signed")), ("BASE64", N_("In the message itself")))
_PAYLOADS = (("FULL_CASE", N_("The case as it stands")), ("EVENT_ONLY", N_("Only what happened")))
_REASONS = {
    "BY_STAFF": N_("Switched off here"),
    "BY_STOREFRONT": N_("Switched off by its storefront"),
    "GONE": N_("Switched off: it said that it is gone"),
    "FAILING": N_("Switched off: it gave no good answer for five days"),
}
STATUSES: dict[DeliveryStatus, tuple[str, str, str]] = {
    "PENDING": ("soft", "s-wait", N_("on its way")),
    "DELIVERED": ("good", "s-yes", N_("arrived")),
    "FAILED": ("problem", "s-stop", N_("given up")),
    "CANCELED": ("soft", "s-none", N_("canceled")),
}
LABELS = {
    "name": N_("Name"),
    "url": N_("Address"),
    "documentFormat": N_("Documents"),
    "payload": N_("What is sent"),
    "events": N_("What it is told of"),
    "secretHeader": N_("Header that carries the secret"),
}


def state(endpoint: EndpointOut) -> tuple[str, str, str]:
    """Kind, shape and words."""
    if endpoint.disabled_at is not None:
        return (
            "problem" if endpoint.disabled_reason in {"GONE", "FAILING"} else "soft",
            "s-none",
            _(_REASONS.get(endpoint.disabled_reason or "", N_("Switched off"))),
        )
    if endpoint.first_failed_at is not None:
        return "warn", "s-warn", _("On, the last delivery failed")
    return "good", "s-yes", _("On")


def status(name: DeliveryStatus) -> tuple[str, str, str]:
    """Kind, shape and word."""
    kind, shape, text = STATUSES[name]
    return kind, shape, _(text)


def may_read(actor: Actor) -> bool:
    """Whether the message and the answers, which tell of people, may be shown."""
    return all(actor.may(permission) for permission in permissions_of(get_contents))


def message(contents: ContentsOut | None) -> dict[str, object]:
    """The message as text, or how it begins."""
    written = msgspec.json.format(msgspec.json.encode(contents.body), indent=2).decode() if contents else ""
    return {"written": written[:MOST_SHOWN], "is_cut": len(written) > MOST_SHOWN}


def choices() -> dict[str, object]:
    return {
        "words": words(),
        "events": [(name, MEANINGS[name]) for name in SUBSCRIBABLE],
    }


def words() -> dict[str, list[tuple[str, str]]]:
    """What can be picked, by the field's name; of no events: all."""
    return {
        "documentFormat": [(value, _(text)) for value, text in _FORMATS],
        "payload": [(value, _(text)) for value, text in _PAYLOADS],
        "events": [("", _("everything"))],
    }


def filled(one: EndpointOut) -> Filled:
    return Filled.of(
        name=one.name,
        url=one.url,
        events=one.events,
        documentFormat=one.document_format,
        payload=one.payload,
        secretHeader=one.secret_header,
        version=one.updated_at.isoformat(),
    )


def refused(form: Form, error: CarelaneError) -> Filled:
    """As `Form.refused`, in the page's own words where the API names its routes."""
    if isinstance(error, EndpointDisabledError):
        return Filled(form.fields, {}, [_("The webhook is switched off. Switch it on first.")], 409, error)
    return at_their_fields(form.refused(error))
