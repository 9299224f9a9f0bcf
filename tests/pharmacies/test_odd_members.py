"""A pharmacy's member that is null counts as left out, and an odd one that is optional never hides a good status."""

import msgspec
import pytest
from aiohttp import web

from carelane.pharmacies.adapters.signing import SIGNATURE_HEADER, sign
from tests.pharmacies.conftest import SECRET, make_adapter
from tests.pharmacies.receiver import serving
from tests.pharmacies.test_fhir_answers import RX, TASK, found

PARCEL = {"trackingId": "T-1", "at": "2026-11-20T12:00:00Z"}
WHOLE = {
    "status": "SHIPPED",
    "externalId": str(RX.external_id),
    "pharmacyOrderId": "P-1",
    "message": "on its way",
    "shipments": [PARCEL | {"trackingUrl": "https://parcels.example/T-1", "carrierName": "Parcel Service"}],
    "estimatedDeliveryAt": "2026-11-23T12:00:00Z",
    "hasDocument": True,
}
OPTIONAL = [name for name in WHOLE if name != "status"]
ODD = [7, "", "x" * 20_000, [], {}, [None], True, -1.5, "\0", {"a": {"b": None}}]


async def said(http, body):
    """What the answer to a new prescription says, read as answer and as callback alike."""

    async def handle(_):
        return web.Response(body=msgspec.json.encode(body))

    async with serving(handle) as url:
        adapter = make_adapter("http", http, url)
        answer = await adapter.status(RX.external_id, None)
    message = msgspec.json.encode(body | {"messageId": "m-1"})
    if body.get("externalId") or body.get("pharmacyOrderId"):
        callback = adapter.parse_callback({SIGNATURE_HEADER: sign(SECRET, message)}, message)
        assert callback.report == answer
    return answer


@pytest.mark.parametrize("name", OPTIONAL)
async def test_null_is_as_left_out(http, name):
    without = {member: value for member, value in WHOLE.items() if member != name}
    assert await said(http, WHOLE | {name: None}) == await said(http, without)


@pytest.mark.parametrize("name", ["trackingUrl", "carrierName", "status", "location", "message"])
async def test_null_in_a_parcel_is_as_left_out(http, name):
    parcel = {member: value for member, value in WHOLE["shipments"][0].items() if member != name}
    (shipment,) = (await said(http, WHOLE | {"shipments": [parcel | {name: None}, None]})).shipments
    assert (await said(http, WHOLE | {"shipments": [parcel]})).shipments == [shipment]


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("name", [name for name in OPTIONAL if name != "externalId"])
async def test_an_odd_member_hides_no_status(http, name, value):
    report = await said(http, WHOLE | {name: value})
    assert report.status == "SHIPPED"
    kept = [other for other in ("pharmacyOrderId", "message", "hasDocument") if other != name]
    shown = {"pharmacyOrderId": report.pharmacy_order_id, "message": report.message, "hasDocument": report.has_document}
    assert {other: shown[other] for other in kept} == {other: WHOLE[other] for other in kept}


@pytest.mark.parametrize("value", [7, "javascript:x", "ftp://x", "/x", "https://" + "x" * 3_000, {}])
async def test_a_parcel_with_an_odd_link_is_kept_without_it(http, value):
    (shipment,) = (await said(http, WHOLE | {"shipments": [PARCEL | {"trackingUrl": value}]})).shipments
    assert (shipment.tracking_id, shipment.tracking_url) == ("T-1", None)


async def test_a_parcel_that_cannot_be_read_leaves_the_others(http):
    parcels = [
        {},
        7,
        PARCEL | {"at": "2026-11-20T12:00:00"},
        PARCEL | {"trackingId": None},
        PARCEL | {"trackingId": "T-2"},
    ]
    report = await said(http, WHOLE | {"shipments": parcels})
    assert (report.status, [shipment.tracking_id for shipment in report.shipments]) == ("SHIPPED", ["T-2"])


async def test_more_parcels_than_there_may_be_are_cut(http):
    parcels = [PARCEL | {"trackingId": f"T-{number}"} for number in range(101)]
    report = await said(http, WHOLE | {"shipments": parcels})
    assert (report.status, len(report.shipments)) == ("SHIPPED", 100)


@pytest.mark.parametrize(
    "odd",
    [
        {"identifier": None}, {"identifier": "x"}, {"statusReason": []}, {"statusReason": {"text": 7}}, {"output": None},
        {"output": [None, 7, {"valueReference": 7}]}, {"executionPeriod": "x"}, {"executionPeriod": None},
        {"identifier": [{"type": {"coding": [{"code": "FILL"}]}, "value": "x" * 300}]},
    ],
)  # fmt: skip
async def test_fhir_servers_may_be_odd_too(http, odd):
    dispense = {
        "resourceType": "MedicationDispense",
        "status": "in-progress",
        "identifier": None,
        "note": [None],
        "extension": 7,
    }
    answers = {"Task": found(TASK | odd), "MedicationDispense": found(dispense, {"resourceType": "MedicationDispense"})}

    async def handle(request):
        return web.Response(body=msgspec.json.encode(answers[request.path.rpartition("/")[2]]))

    async with serving(handle) as url:
        assert (await make_adapter("fhir", http, url).status(RX.external_id, None)).status == "SHIPPED"
