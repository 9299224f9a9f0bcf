"""What `docs/howto/pharmacies.md` shows to pharmacies is what the adapter does."""

import re
from datetime import UTC, datetime

import msgspec
import pytest

from carelane.kit import clock
from carelane.pharmacies.adapters import PharmacyStatus
from carelane.pharmacies.adapters.signing import SIGNATURE_HEADER, require_signed, sign
from carelane.pharmacies.simulator.orders import SCENARIOS
from tests.docs.pages import DOCS, blocks
from tests.pharmacies.conftest import make_adapter
from tests.pharmacies.prescriptions import prescription

PAGE = DOCS / "howto" / "pharmacies.md"
SECRET = b"pharmacy-secret"


@pytest.fixture
def in_november():
    """The second of the page's example."""
    with clock.moved(datetime.fromtimestamp(1_700_000_000, UTC) - clock.now()):
        yield


def test_the_example_of_a_signature_is_right(in_november):
    shown = blocks(PAGE, "text")[0].strip().partition(": ")[2]
    require_signed(SECRET, {SIGNATURE_HEADER: shown}, b'{"status":"ACCEPTED"}')
    path, digest = re.findall(r"`GET (/rx/\S+)`\nin the same second has `(\w+)`", PAGE.read_text())[0]
    require_signed(SECRET, {SIGNATURE_HEADER: f"t=1700000000,v1={digest}"}, path.encode())


def test_the_example_of_a_report_is_read_with_all_its_fields(http):
    (report,) = [text for text in blocks(PAGE, "json") if "trackingId" in text]
    example = msgspec.json.decode(report)
    body = msgspec.json.encode(example | {"messageId": "m-1"})
    callback = make_adapter("http", http, "http://unused.example", SECRET).parse_callback(
        {SIGNATURE_HEADER: sign(SECRET, body)}, body
    )
    read = msgspec.to_builtins(callback.report)
    assert read | {"externalId": str(callback.external_id)} == example


def test_every_status_and_scenario_is_in_the_page():
    page = PAGE.read_text()
    rows = [*SCENARIOS, *PharmacyStatus.__args__]
    assert [row for row in rows if f"| `{row}` |" not in page] == []


def test_every_field_of_a_prescription_is_in_the_page():
    page = PAGE.read_text()
    sent = msgspec.to_builtins(prescription())
    parts = [sent, sent["patient"], sent["prescriber"], sent["items"][0], sent["shippingAddress"]]
    assert sorted({name for part in parts for name in part if f"`{name}`" not in page}) == []
