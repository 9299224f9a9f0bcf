"""Messages from the pharmacy: as every adapter reads them, and as the simulator sends them."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from carelane.kit import clock
from carelane.pharmacies.adapters.signing import SIGNATURE_HEADER, sign
from carelane.pharmacies.errors import CallbackRefusedError, CallbackUnreadableError
from tests.pharmacies.conftest import SECRET, make_adapter
from tests.pharmacies.prescriptions import PDF, prescription
from tests.pharmacies.receiver import receiving
from tests.pharmacies.test_contract import until_status


async def hear(adapter, scenario, count, refuse_first=0):
    """The first `count` messages about an order of the scenario, as they came; and the order's id."""
    rx = prescription(scenario)
    async with receiving(refuse_first) as receiver:
        await adapter.new_rx(rx, PDF, receiver.url)
        async with asyncio.timeout(15):
            return rx.external_id, [await receiver.received.get() for _ in range(count)]


def read_all(adapter, received):
    return [adapter.parse_callback(one.headers, one.body) for one in received]


async def test_an_order_is_told_step_by_step(adapter):
    external_id, received = await hear(adapter, "accept", 3)
    callbacks = read_all(adapter, received)
    assert [callback.report.status for callback in callbacks] == ["ACCEPTED", "SHIPPED", "DELIVERED"]
    assert {callback.external_id for callback in callbacks} == {external_id}
    assert len({callback.message_id for callback in callbacks}) == 3
    assert [len(callback.report.shipments) for callback in callbacks] == [0, 1, 1]
    assert callbacks[0].report.estimated_delivery_at
    assert callbacks[0].report.has_document


async def test_duplicates_have_one_name(adapter):
    _, received = await hear(adapter, "duplicate", 9)
    names = [callback.message_id for callback in read_all(adapter, received)]
    assert [names.count(name) for name in dict.fromkeys(names)] == [3, 3, 3]


async def test_reordered_messages_come_last_first(adapter):
    _, received = await hear(adapter, "reorder", 3)
    statuses = [callback.report.status for callback in read_all(adapter, received)]
    assert statuses == ["DELIVERED", "SHIPPED", "ACCEPTED"]


async def test_each_parcel_of_a_partial_shipment_is_told(adapter):
    _, received = await hear(adapter, "partial", 4)
    reports = [callback.report for callback in read_all(adapter, received)]
    assert [report.status for report in reports] == ["ACCEPTED", "SHIPPED", "SHIPPED", "DELIVERED"]
    assert [len(report.shipments) for report in reports] == [0, 1, 2, 2]


async def test_a_rejection_is_told_with_its_reason(adapter):
    _, received = await hear(adapter, "reject-later", 1)
    (callback,) = read_all(adapter, received)
    assert (callback.report.status, callback.report.message) == (
        "REJECTED",
        "The simulator was told to reject this order",
    )


async def test_the_simulator_tries_again_what_was_refused(adapter):
    """The same message, signed anew."""
    _, received = await hear(adapter, "hold", 1, refuse_first=2)
    assert read_all(adapter, received)[0].report.status == "ACCEPTED"


async def test_lost_callbacks_never_come_and_the_status_tells(adapter):
    rx = prescription("lost")
    async with receiving() as receiver:
        await adapter.new_rx(rx, PDF, receiver.url)
        await until_status(adapter, rx, "DELIVERED")
        assert receiver.received.empty()


# ---- what is refused

MESSAGES = {
    "http": {"messageId": "m-1", "pharmacyOrderId": "P-1", "status": "ACCEPTED"},
    "fhir": {
        "resourceType": "Bundle",
        "type": "message",
        "identifier": {"value": "m-1"},
        "entry": [
            {
                "resource": {
                    "resourceType": "Task",
                    "status": "accepted",
                    "intent": "order",
                    "identifier": [{"type": {"coding": [{"code": "FILL"}]}, "value": "P-1"}],
                }
            }
        ],
    },
}


def signed(body: bytes, secret: bytes = SECRET) -> dict[str, str]:
    return {SIGNATURE_HEADER: sign(secret, body)}


@pytest.fixture
def body(dialect):
    return msgspec.json.encode(MESSAGES[dialect])


async def test_a_message_may_name_the_order_by_the_pharmacys_number_alone(adapter, body):
    callback = adapter.parse_callback(signed(body), body)
    assert (callback.message_id, callback.external_id, callback.report.pharmacy_order_id) == ("m-1", None, "P-1")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda _: {},
        lambda _: {SIGNATURE_HEADER: ""},
        lambda _: {SIGNATURE_HEADER: "v1=00,t=x"},
        lambda body: {SIGNATURE_HEADER: sign(SECRET, body).replace("t=", "t=1")},
        lambda body: {SIGNATURE_HEADER: sign(SECRET, body) + "0"},
        lambda body: {SIGNATURE_HEADER: sign(SECRET, body).partition(",")[0]},
        lambda body: {SIGNATURE_HEADER: sign(SECRET, body) + ",t=1"},
        lambda body: {SIGNATURE_HEADER: sign(SECRET, body).partition("v1=")[0] + "v1=é"},
        lambda body: signed(body, b"another secret"),
        lambda body: signed(body + b" "),
    ],
)
async def test_a_message_that_is_not_signed_rightly_is_refused(adapter, body, wrong):
    with pytest.raises(CallbackRefusedError):
        adapter.parse_callback(wrong(body), body)


@pytest.mark.parametrize("moved_seconds", [-301, 301])
async def test_a_message_of_another_time_is_refused(adapter, body, moved_seconds):
    with clock.moved(timedelta(seconds=moved_seconds)):
        headers = signed(body)
    with pytest.raises(CallbackRefusedError):
        adapter.parse_callback(headers, body)


@pytest.mark.parametrize("moved_seconds", [-290, 290])
async def test_clocks_may_differ_a_little(adapter, body, moved_seconds):
    with clock.moved(timedelta(seconds=moved_seconds)):
        headers = signed(body)
    assert adapter.parse_callback(headers, body).message_id == "m-1"


async def test_two_signatures_are_good_when_one_is(adapter, body):
    """So that a pharmacy can change its secret."""
    headers = {SIGNATURE_HEADER: sign(SECRET, body) + ",v1=" + "0" * 64}
    assert adapter.parse_callback(headers, body).message_id == "m-1"


@pytest.mark.parametrize("unreadable", [b"", b"{", b"[]", b"{}", b'{"resourceType":"Bundle"}', b"\xff\xfe"])
async def test_a_message_that_cannot_be_read_is_told_apart_from_a_wrong_signature(adapter, unreadable):
    with pytest.raises(CallbackUnreadableError):
        adapter.parse_callback(signed(unreadable), unreadable)


@pytest.mark.parametrize(
    ("dialect", "change"),
    [
        ("http", {"status": "LOST"}),
        ("http", {"messageId": ""}),
        ("http", {"pharmacyOrderId": None}),
        ("http", {"status": None}),
        ("http", {"externalId": "ours"}),
        ("fhir", {"identifier": None}),
        ("fhir", {"entry": []}),
        ("fhir", {"entry": [{"resource": {"resourceType": "Task", "status": "draft"}}]}),
        ("fhir", {"entry": [{"resource": {"resourceType": "Task", "status": "accepted"}}]}),
    ],
)
async def test_a_message_with_a_value_that_means_nothing_cannot_be_read(dialect, change, http):
    changed = msgspec.json.encode(MESSAGES[dialect] | change)
    with pytest.raises(CallbackUnreadableError):
        make_adapter(dialect, http, "http://127.0.0.1").parse_callback(signed(changed), changed)
