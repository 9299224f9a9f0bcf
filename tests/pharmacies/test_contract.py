"""What every adapter does, held with the simulator as the real server (`pharmacies/adapters/__init__.py`)."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import uuid4

import msgspec
import pytest

from carelane.kit.http import NotSentError, OutcomeUnknownError
from carelane.pharmacies.adapters import Report
from carelane.pharmacies.errors import RetryLaterError
from tests.pharmacies.conftest import make_adapter
from tests.pharmacies.prescriptions import PDF, TABLETS, prescription

T = TypeVar("T")


async def until(ask: Callable[[], Awaitable[T]], is_there: Callable[[T], bool], seconds: float = 10.0) -> T:
    async with asyncio.timeout(seconds):
        found = await ask()
        while not is_there(found):
            await asyncio.sleep(0.02)
            found = await ask()
    return found


async def until_status(adapter, rx, status: str) -> Report:
    return await until(lambda: adapter.status(rx.external_id, None), lambda report: report.status == status)


async def test_a_prescription_is_taken_once(adapter, dialect, at_pharmacy):
    rx = prescription()
    report = await adapter.new_rx(rx, PDF, None)
    (order,) = at_pharmacy.orders(rx.external_id)
    assert (report.status, report.pharmacy_order_id) == ("SENT", order["pharmacyOrderId"])
    assert (order["dialect"], order["drugIds"], order["receivedCount"]) == (dialect, ["drug-456"], 1)


async def test_sending_twice_shows_at_the_simulator(adapter, at_pharmacy):
    """Or else no test could prove that we never do."""
    rx = prescription()
    await adapter.new_rx(rx, PDF, None)
    await adapter.new_rx(rx, PDF, None)
    assert len(at_pharmacy.orders(rx.external_id)) == 2


async def test_the_status_tells_the_parcel_and_the_delivery(adapter):
    rx = prescription()
    sent = await adapter.new_rx(rx, PDF, None)
    delivered = await until_status(adapter, rx, "DELIVERED")
    (parcel,) = delivered.shipments
    assert delivered.pharmacy_order_id == sent.pharmacy_order_id
    assert (parcel.tracking_id, parcel.status) == (f"{sent.pharmacy_order_id}-P1", "DELIVERED")
    assert parcel.tracking_url == f"https://tracking.example/{parcel.tracking_id}"
    assert (parcel.carrier_name, parcel.location) == ("Simulated Parcel Service", "Front door")
    assert delivered.estimated_delivery_at > parcel.at
    assert delivered.has_document


async def test_a_partial_shipment_is_two_parcels(adapter):
    rx = prescription("partial")
    await adapter.new_rx(rx, PDF, None)
    delivered = await until_status(adapter, rx, "DELIVERED")
    assert len({parcel.tracking_id for parcel in delivered.shipments}) == 2


async def test_an_order_that_is_not_there_has_no_status(adapter):
    assert await adapter.status(uuid4(), None) is None


async def test_an_order_is_canceled_in_time(adapter, at_pharmacy):
    rx = prescription("hold")
    await adapter.new_rx(rx, PDF, None)
    report = await adapter.cancel_rx(rx.external_id, None, "The patient changed their mind")
    assert report.status == "CANCELED"
    (order,) = at_pharmacy.orders(rx.external_id)
    assert (order["status"], order["message"]) == ("CANCELED", "The patient changed their mind")
    assert (await adapter.status(rx.external_id, None)).status == "CANCELED"


async def test_canceling_twice_is_as_canceling_once(adapter):
    rx = prescription("hold")
    await adapter.new_rx(rx, PDF, None)
    for _ in range(2):
        assert (await adapter.cancel_rx(rx.external_id, None, "A mistake")).status == "CANCELED"


async def test_canceling_too_late_tells_where_the_order_stands(adapter):
    rx = prescription()
    await adapter.new_rx(rx, PDF, None)
    await until_status(adapter, rx, "DELIVERED")
    assert (await adapter.cancel_rx(rx.external_id, None, "Too late")).status == "DELIVERED"


async def test_an_order_that_is_not_there_counts_as_canceled(adapter):
    assert (await adapter.cancel_rx(uuid4(), None, "Never sent")).status == "CANCELED"


async def test_the_document_is_there_once_the_order_is_accepted(adapter):
    rx = prescription("hold")
    sent = await adapter.new_rx(rx, PDF, None)
    assert (await until_status(adapter, rx, "ACCEPTED")).has_document
    document = await adapter.document(rx.external_id, sent.pharmacy_order_id)
    assert (document.name, document.content_type) == (f"pharmacy-{sent.pharmacy_order_id}.pdf", "application/pdf")
    assert document.content.startswith(b"%PDF-")


async def test_there_is_no_document_of_an_order_that_is_not_there(adapter):
    assert await adapter.document(uuid4(), None) is None


async def test_a_refused_prescription_is_a_report_with_the_pharmacys_words(adapter, at_pharmacy):
    rx = prescription("reject")
    report = await adapter.new_rx(rx, PDF, None)
    assert (report.status, report.message) == ("REJECTED", "The simulator was told to reject this order")
    assert [order["status"] for order in at_pharmacy.orders(rx.external_id)] == ["REJECTED"]


async def test_a_magic_drug_asks_for_a_scenario_as_well(adapter, at_pharmacy):
    rx = prescription(items=[msgspec.structs.replace(TABLETS, drug_id="sim-hold")])
    await adapter.new_rx(rx, PDF, None)
    assert at_pharmacy.orders(rx.external_id)[0]["scenario"] == "hold"


async def test_an_order_rejected_later_says_so(adapter):
    rx = prescription("reject-later")
    assert (await adapter.new_rx(rx, PDF, None)).status == "SENT"
    assert "told to reject" in (await until_status(adapter, rx, "REJECTED")).message


# ---- no answer, or none that tells


@pytest.mark.parametrize("scenario", ["drop", "slow", "unreadable"])
async def test_a_message_that_arrived_without_a_good_answer_is_unknown_and_found_by_asking(
    adapter, at_pharmacy, scenario
):
    rx = prescription(scenario)
    with pytest.raises(OutcomeUnknownError):
        await adapter.new_rx(rx, PDF, None)
    found = await adapter.status(rx.external_id, None)
    assert found.pharmacy_order_id == at_pharmacy.orders(rx.external_id)[0]["pharmacyOrderId"]


async def test_a_server_error_is_unknown_and_asking_says_that_nothing_is_there(adapter, at_pharmacy):
    rx = prescription("5xx")
    for _ in range(2):
        with pytest.raises(OutcomeUnknownError) as failed:
            await adapter.new_rx(rx, PDF, None)
        assert failed.value.http_status == 500
        assert await adapter.status(rx.external_id, None) is None
    assert (await adapter.new_rx(rx, PDF, None)).status == "SENT"
    assert (at_pharmacy.received_count(rx.external_id), len(at_pharmacy.orders(rx.external_id))) == (3, 1)


async def test_a_busy_pharmacy_says_when_to_come_again(adapter, at_pharmacy):
    rx = prescription("busy")
    with pytest.raises(RetryLaterError) as failed:
        await adapter.new_rx(rx, PDF, None)
    assert (failed.value.failure, failed.value.http_status, failed.value.seconds) == ("busy", 429, 1.0)
    assert at_pharmacy.orders(rx.external_id) == []


async def test_a_wrong_secret_is_refused_and_nothing_is_taken(dialect, http, simulator_url, at_pharmacy):
    adapter, rx = make_adapter(dialect, http, simulator_url, b"another secret"), prescription()
    calls = [adapter.new_rx(rx, PDF, None), adapter.status(rx.external_id, None)]
    calls += [adapter.cancel_rx(rx.external_id, None, ""), adapter.document(rx.external_id, None)]
    for call in calls:
        with pytest.raises(RetryLaterError, match="credentials refused"):
            await call
    assert at_pharmacy.received_count(rx.external_id) == 0


async def test_a_pharmacy_that_is_not_there_was_sent_nothing(dialect, http):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    adapter, rx = make_adapter(dialect, http, f"http://127.0.0.1:{port}"), prescription()
    for call in (adapter.new_rx(rx, PDF, None), adapter.status(rx.external_id, None)):
        with pytest.raises(NotSentError):
            await call
