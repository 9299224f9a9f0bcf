"""The simulator as a program: its one line, its questions, its refusals, its end."""

import signal
import subprocess
import sys
import time

import httpx
import msgspec
import pytest
import pytest_asyncio

from carelane.pharmacies.adapters.signing import SIGNATURE_HEADER, sign
from carelane.pharmacies.schemas import SIMULATOR_SECRET
from carelane.pharmacies.simulator.documents import one_page
from tests.pharmacies.conftest import make_adapter
from tests.pharmacies.prescriptions import PDF, prescription
from tests.pharmacies.simulator import STOP_SECONDS, running_simulator


@pytest.fixture(scope="module")
def url():
    """One whose orders are forgotten and whose pace is changed here."""
    with running_simulator() as running:
        yield running


@pytest.fixture
def plain(http, url):
    return make_adapter("http", http, url, SIMULATOR_SECRET.encode())


@pytest_asyncio.fixture
async def control(url):
    async with httpx.AsyncClient(base_url=url) as client:
        yield client


async def test_the_secret_is_the_well_known_text_unless_another_is_given(plain):
    assert (await plain.new_rx(prescription("hold"), PDF, None)).status == "SENT"


async def test_every_message_that_came_can_be_looked_at(plain, control):
    rx = prescription("hold")
    await plain.new_rx(rx, PDF, None)
    listed = (await control.get("/_simulator/orders")).json()["orders"]
    (order,) = [order for order in listed if order["externalId"] == str(rx.external_id)]
    assert (order["scenario"], order["receivedCount"], order["dialect"]) == ("hold", 1, "http")
    one = (await control.get(f"/_simulator/orders/{rx.external_id}")).json()
    received = one["orders"][0]["received"]
    assert received["prescription"]["diagnosis"] == "Essential hypertension"
    assert received["document"]["content"] == f"{len(PDF)} bytes"
    unknown = (await control.get(f"/_simulator/orders/{rx.order_id}")).json()
    assert unknown == {"receivedCount": 0, "orders": []}


async def test_the_pace_can_be_changed_and_set_back(plain, control):
    changed = (await control.post("/_simulator/settings", json={"acceptAfterSeconds": 600})).json()
    assert changed["acceptAfterSeconds"] == 600
    assert changed["shipAfterSeconds"] == 0.5
    for wrong in ({"acceptAfter": 1}, {"acceptAfterSeconds": "soon"}, []):
        assert (await control.post("/_simulator/settings", json=wrong)).status_code == 400
    rx = prescription()
    await plain.new_rx(rx, PDF, None)
    await control.post("/_simulator/reset")
    assert (await control.get("/_simulator/orders")).json() == {"orders": []}
    assert await plain.status(rx.external_id, None) is None
    assert (await control.post("/_simulator/settings")).json()["acceptAfterSeconds"] == 0.05


@pytest.mark.parametrize("path", ["/orders", "/fhir"])
@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"{}", b'{"entry":[]}'])
def test_what_no_pharmacy_could_use_is_refused(url, path, body):
    answer = httpx.post(url + path, content=body, headers={SIGNATURE_HEADER: sign(SIMULATOR_SECRET.encode(), body)})
    assert answer.status_code in {400, 401}


async def test_a_cancellation_is_for_the_order_that_it_names(plain, url):
    rx = prescription("hold")
    await plain.new_rx(rx, PDF, None)
    for body in (b"{", msgspec.json.encode({"externalId": rx.order_id, "reason": "A mistake"})):
        headers = {SIGNATURE_HEADER: sign(SIMULATOR_SECRET.encode(), body)}
        async with httpx.AsyncClient(base_url=url, headers=headers) as client:
            assert (await client.post(f"/orders/{rx.external_id}/cancel", content=body)).status_code == 400


async def test_a_prescription_without_a_pdf_is_refused(plain):
    assert (await plain.new_rx(prescription(), b"no pdf", None)).status == "REJECTED"


def test_unsigned_requests_are_refused(url):
    for path in ("/orders", "/orders/1/cancel", "/fhir"):
        assert httpx.post(url + path, json={}).status_code == 401
    assert httpx.get(f"{url}/fhir/Task?group-identifier=x").status_code == 401


def test_it_stops_at_once_when_told_to():
    command = [sys.executable, "-m", "carelane", "pharmacy-simulator", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().startswith("The pharmacy simulator is ready on http://127.0.0.1:")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(STOP_SECONDS) == 0
    assert time.monotonic() - began < 5
    assert process.stdout.read() == ""
    process.stdout.close()


def test_a_port_that_is_taken_is_one_line(url):
    port = url.rpartition(":")[2]
    command = [sys.executable, "-m", "carelane", "pharmacy-simulator", "--port", port]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "choose with --port" in done.stderr


def test_a_written_pdf_says_where_its_objects_are():
    pdf = one_page(r"Order (1) \ 2")
    table = int(pdf.rstrip().splitlines()[-2])
    assert pdf[table:].startswith(b"xref\n0 6\n")
    for number, line in enumerate(pdf[table:].splitlines()[3:8], start=1):
        assert pdf[int(line[:10]) :].startswith(b"%d 0 obj\n" % number)
    assert rb"Order \(1\) \\ 2" in pdf
