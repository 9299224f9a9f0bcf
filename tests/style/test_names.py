"""Settings, events, scopes: each is written down with what it means."""

from typing import get_args

import msgspec
import pytest

from carelane import permissions
from carelane.events import MEANINGS, EventType
from carelane.kit import logs
from carelane.messages import schemas as messages
from carelane.settings import PREFIX, Settings
from tests.style.source import ROOT

FIELDS = msgspec.structs.fields(Settings)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_setting_says_what_it_is(field):
    (_, meta) = get_args(field.type)
    assert meta.description
    assert meta.description.endswith((".", "…"))


def test_every_setting_is_in_the_manual():
    text = (ROOT / "docs" / "operations" / "settings.md").read_text()
    assert [field.name for field in FIELDS if PREFIX + field.name.upper() not in text] == []


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_setting_has_a_default(field):
    """Nothing must be set before the first start."""
    assert not field.required


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_number_says_its_unit(field):
    (inner, _) = get_args(field.type)
    counts = {
        "billing_requests_per_minute",
        "port",
        "smtp_port",
        "workers",
        "connections_per_worker",
        "pharmacy_attempts",
    }
    if inner in {int, float}:
        assert field.name in counts or field.name.endswith(("_seconds", "_bytes", "_days", "_hours"))


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
