"""Moments beyond the calendar: the database would write them, and nobody could read the order again."""

import msgspec
import pytest
from aiohttp import web

from carelane.kit.http import OutcomeUnknownError
from carelane.pharmacies.adapters.http import HttpAdapter
from carelane.pharmacies.adapters.signing import SIGNATURE_HEADER, sign
from carelane.pharmacies.errors import CallbackUnreadableError
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


@pytest.mark.parametrize("said", ODD)
async def test_an_answer_with_one_leaves_the_outcome_unknown(http, said):
    async def handle(_):
        return web.Response(body=msgspec.json.encode(said))

    async with serving(handle) as url:
        with pytest.raises(OutcomeUnknownError):
            await make_adapter("http", http, url).status(RX.external_id, None)


@pytest.mark.parametrize("said", ODD)
def test_a_callback_with_one_is_unreadable_and_names_the_field(http, said):
    body = msgspec.json.encode({"messageId": "m-1", "pharmacyOrderId": "P-1"} | said)
    with pytest.raises(CallbackUnreadableError, match="between the years 2000 and 2200"):
        HttpAdapter(http, "http://pharmacy.example", SECRET, 1.0).parse_callback(
            {SIGNATURE_HEADER: sign(SECRET, body)}, body
        )


@pytest.mark.parametrize("moment", FAR)
async def test_fhir_servers_may_not_send_them_either(http, moment):
    answers = {
        "Task": found(TASK | {"executionPeriod": {"end": moment}}),
        "MedicationDispense": found(PARCEL | {"whenHandedOver": moment}),
    }
    for name, odd in answers.items():
        sound = {"Task": found(TASK), "MedicationDispense": found()}

        async def handle(request, told=sound | {name: odd}):
            return web.Response(body=msgspec.json.encode(told[request.path.rpartition("/")[2]]))

        async with serving(handle) as url:
            with pytest.raises(OutcomeUnknownError):
                await make_adapter("fhir", http, url).status(RX.external_id, None)
