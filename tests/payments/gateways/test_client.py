"""Stripe's client is imported where a payment is made, and nowhere else; and says no more of us than it must."""

import subprocess
import sys
from uuid import uuid4

import pytest
import stripe

from carelane.payments.gateways.errors import OutcomeUnknownError
from carelane.payments.gateways.stripe.calls import API_VERSION
from tests.pharmacies.receiver import receiving

_BEFORE_ANY_CALL = """
import sys
from datetime import UTC, datetime
from uuid import uuid4
import carelane.app, carelane.cli, carelane.processes.worker
from carelane.payments.accounts.access import StripeGateway
gateway = StripeGateway(None, "sk_test_1", uuid4(), is_test=True, url=None, timeout_seconds=1)
assert gateway.parse_webhook(b"{}", "t=1,v1=00", ["whsec_1"], datetime.now(UTC)) is None
print(sorted(name for name in sys.modules if name == "stripe" or name.startswith("stripe.")))
"""


def test_a_process_that_makes_no_payment_does_not_load_the_client():
    found = subprocess.run([sys.executable, "-c", _BEFORE_ANY_CALL], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_version_is_the_one_that_the_client_was_made_for():
    """A newer client is taken on together with wire.py, the simulator, and what Stripe's changelog says in between."""
    assert stripe.api_version == API_VERSION


async def test_what_is_sent(account, loopback, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    key = uuid4()
    async with receiving() as receiver:
        gateway = account.adapter(loopback, url=receiver.url.rstrip("/"))
        with pytest.raises(OutcomeUnknownError):
            await gateway.create_customer(key=key, email="rosa@example.com", patient_id=uuid4())
        received = await receiver.received.get()

    assert received.headers["idempotency-key"] == f"carelane:customer:{key}"
    assert received.headers["stripe-version"] == API_VERSION
    assert received.headers["authorization"] == f"Bearer {account.key}"
    assert "x-stripe-client-telemetry" not in received.headers
    assert b"email=rosa%40example.com" in received.body
    # No file in the home folder that would tell one installation from another.
    assert list(tmp_path.iterdir()) == []
