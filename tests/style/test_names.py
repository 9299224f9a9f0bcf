"""Settings, events, scopes: each is written down with what it means."""

from typing import Any, get_args

import msgspec
from msgspec.structs import FieldInfo

from carelane import permissions
from carelane.event_names import MEANINGS, EventType
from carelane.kit import logs
from carelane.messages import schemas as messages
from carelane.settings import PREFIX, Settings
from tests.style.source import ROOT, none_of

FIELDS = msgspec.structs.fields(Settings)
# Numbers of things.
COUNTS = {
    "billing_requests_per_minute",
    "port",
    "smtp_port",
    "workers",
    "connections_per_worker",
    "least_bytes_per_second",
    "max_connections",
    "max_connections_per_address",
    "max_failed_sign_ins_per_address",
    "pharmacy_attempts",
}


def meta_of(field: FieldInfo) -> tuple[Any, Any]:
    """Its type without what is said of it, and what is said of it."""
    (inner, *_, meta) = get_args(field.type)
    return inner, meta


def test_every_setting_says_what_it_is():
    none_of(field.name for field in FIELDS if not (meta_of(field)[1].description or "").endswith((".", "…")))


def test_every_setting_is_in_the_manual():
    text = (ROOT / "docs" / "operations" / "settings.md").read_text()
    none_of(field.name for field in FIELDS if PREFIX + field.name.upper() not in text)


def test_every_setting_has_a_default():
    """Nothing must be set before the first start."""
    none_of(field.name for field in FIELDS if field.required)


def test_a_number_says_its_unit():
    none_of(
        field.name
        for field in FIELDS
        if meta_of(field)[0] in {int, float}
        if field.name not in COUNTS and not field.name.endswith(("_seconds", "_bytes", "_days", "_hours"))
    )


def test_every_event_has_a_meaning():
    assert set(MEANINGS) == set(get_args(EventType))
    assert all(MEANINGS.values())


def test_every_kind_of_message_has_a_meaning():
    assert set(messages.MEANINGS) == set(get_args(messages.Kind))


def test_every_scope_has_a_meaning():
    declared = {value for name, value in vars(permissions).items() if name.isupper() and isinstance(value, str)}
    assert declared == set(permissions.MEANINGS)


def test_no_key_of_the_log_could_hold_a_patient():
    risky = {
        "email",
        "body",
        "text",
        "answer",
        "path",
        "query",
        "url",
        "headers",
        "patient",
        "exception",
        "message",
        "detail",
    }
    assert logs.ALLOWED_KEYS & risky == set()
