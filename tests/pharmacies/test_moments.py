"""Moments beyond the calendar: the database would write them, and nobody could read the order again. So they are left out,
and what else was said counts."""

import msgspec
import pytest
from aiohttp import web

from carelane.pharmacies.adapters.http import HttpAdapter
from carelane.pharmacies.adapters.signing import SIGNATURE_HEADER, sign
from tests.pharmacies.conftest import SECRET, make_adapter
from tests.pharmacies.receiver import serving
from tests.pharmacies.test_fhir_answers import RX, TASK, found

FAR = ["9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+23:59", "1999-12-31T23:59:59Z", "2200-01-01T00:00:00Z"]
ODD = [
    *({"status": "ACCEPTED", "estimatedDeliveryAt": moment} for moment in FAR),
    *({"status": "SHIPPED", "shipments": [{"trackingId": "T-1", "at": moment}]} for moment in FAR),
]
PARCEL = {
    "resourceType": "MedicationDispense",
    "status": "in-progress",
    "identifier": [{"system": "urn:carelane:tracking", "value": "T-1"}],
}


def told(report):
    """The state that was told, and every moment that was taken from it."""
    return report.status, report.estimated_delivery_at, [shipment.at for shipment in report.shipments]


@pytest.mark.parametrize("said", ODD)
async def test_an_answer_with_one_counts_without_it(http, said):
    async def handle(_):
        return web.Response(body=msgspec.json.encode(said))

    async with serving(handle) as url:
        assert told(await make_adapter("http", http, url).status(RX.external_id, None)) == (said["status"], None, [])


@pytest.mark.parametrize("said", ODD)
def test_so_does_a_callback(http, said):
    body = msgspec.json.encode({"messageId": "m-1", "pharmacyOrderId": "P-1"} | said)
    adapter = HttpAdapter(http, "http://pharmacy.example", SECRET, 1.0)
    callback = adapter.parse_callback({SIGNATURE_HEADER: sign(SECRET, body)}, body)
    assert told(callback.report) == (said["status"], None, [])


@pytest.mark.parametrize("moment", [*FAR, "soon", "2026-13-01", "2026-11-20T12:00:00"])
async def test_and_what_fhir_servers_say(http, moment):
    task = found(TASK | {"executionPeriod": {"end": moment}})
    answers = {"Task": task, "MedicationDispense": found(PARCEL | {"whenHandedOver": moment})}

    async def handle(request):
        return web.Response(body=msgspec.json.encode(answers[request.path.rpartition("/")[2]]))

    async with serving(handle) as url:
        assert told(await make_adapter("fhir", http, url).status(RX.external_id, None)) == ("SHIPPED", None, [])
