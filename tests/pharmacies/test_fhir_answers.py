"""Answers of FHIR servers that the simulator does not give."""

import asyncio
import base64

import msgspec
import pytest
from aiohttp import web

from carelane.kit.http import OutcomeUnknownError
from carelane.pharmacies.adapters.fhir import FhirAdapter
from carelane.pharmacies.adapters.fhir_writing import identifier
from carelane.pharmacies.errors import RetryLaterError
from tests.pharmacies.prescriptions import PDF, prescription
from tests.pharmacies.receiver import serving

RX = prescription()
TASK = {
    "resourceType": "Task",
    "status": "accepted",
    "groupIdentifier": identifier(RX.external_id),
    "output": [{"valueReference": {"reference": "DocumentReference/d-1"}}],
}
EMPTY = {"resourceType": "Bundle", "type": "searchset", "total": 0}


def found(*resources):
    return EMPTY | {"entry": [{"resource": resource} for resource in resources]}


def answering(**answers):
    """A FHIR server with one answer (status, body) for each kind of thing; POST to the base is `post`."""

    async def handle(request):
        kind = request.path.strip("/").partition("/")[0] or "post"
        status, body = answers.get(kind, (200, EMPTY))
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return web.Response(status=status, body=content)

    return serving(handle)


def adapter_to(http, url):
    return FhirAdapter(http, url, b"secret", 2.0)


async def test_an_answer_without_a_task_means_sent(http):
    """Servers may keep what they made to themselves (Prefer: return=minimal)."""
    async with answering(post=(200, {"resourceType": "Bundle", "type": "transaction-response"})) as url:
        assert (await adapter_to(http, url).new_rx(RX, PDF, None)).status == "SENT"


@pytest.mark.parametrize("status", [409, 412])
async def test_an_order_that_is_there_already_is_asked_about(http, status):
    async with answering(post=(status, b""), Task=(200, found(TASK))) as url:
        assert (await adapter_to(http, url).new_rx(RX, PDF, None)).status == "ACCEPTED"
    async with answering(post=(status, b"")) as url:
        with pytest.raises(OutcomeUnknownError):
            await adapter_to(http, url).new_rx(RX, PDF, None)


async def test_a_connection_that_fails_after_that_does_not_set_the_order_free(http):
    """The order is there: were this told as "not sent", it could be sent again, or canceled without a word."""

    async def answer_once(reader, writer):
        """Says 409 to the first request, and is gone before the next."""
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]))
        server.close()
        writer.write(b"HTTP/1.1 409 Conflict\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer_once, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with pytest.raises(OutcomeUnknownError, match="there already"):
        await adapter_to(http, url).new_rx(RX, PDF, None)


async def test_the_reasons_of_a_refusal_are_kept(http):
    issues = [{"details": {"text": "No such drug"}}, {"diagnostics": "Out of stock"}, {}]
    async with answering(post=(422, {"resourceType": "OperationOutcome", "issue": issues})) as url:
        report = await adapter_to(http, url).new_rx(RX, PDF, None)
    assert (report.status, report.message) == ("REJECTED", "No such drug; Out of stock")
    async with answering(post=(400, b"<html>")) as url:
        assert (await adapter_to(http, url).new_rx(RX, PDF, None)).message is None


async def test_a_server_that_answers_with_other_orders_has_not_answered(http):
    """FHIR servers pass over search parameters that they do not know."""
    other = TASK | {"groupIdentifier": identifier(prescription().external_id)}
    async with answering(Task=(200, found(other))) as url:
        with pytest.raises(OutcomeUnknownError, match="other orders"):
            await adapter_to(http, url).status(RX.external_id, None)


@pytest.mark.parametrize("answer", [(404, b""), (410, EMPTY)])
async def test_a_search_that_is_refused_is_no_word_about_the_order(http, answer):
    async with answering(Task=answer) as url:
        with pytest.raises(RetryLaterError):
            await adapter_to(http, url).status(RX.external_id, None)


@pytest.mark.parametrize(
    ("status", "dispense", "expected"),
    [
        ("requested", None, "SENT"),
        ("on-hold", None, "ACCEPTED"),
        ("in-progress", "preparation", "ACCEPTED"),
        ("in-progress", "in-progress", "SHIPPED"),
        ("in-progress", "completed", "SHIPPED"),
        ("completed", "completed", "DELIVERED"),
        ("failed", None, "REJECTED"),
        ("cancelled", None, "CANCELED"),
    ],
)
async def test_task_and_parcels_together_say_how_far_an_order_is(http, status, dispense, expected):
    parcel = {"resourceType": "MedicationDispense", "status": dispense}
    dispenses = found(parcel) if dispense else EMPTY
    async with answering(Task=(200, found(TASK | {"status": status})), MedicationDispense=(200, dispenses)) as url:
        assert (await adapter_to(http, url).status(RX.external_id, None)).status == expected


async def test_two_drugs_in_one_parcel_are_one_shipment(http):
    parcel = {
        "resourceType": "MedicationDispense",
        "status": "in-progress",
        "identifier": [{"system": "urn:carelane:tracking", "value": "T-1"}],
        "whenHandedOver": "2026-11-20",
    }
    async with answering(Task=(200, found(TASK)), MedicationDispense=(200, found(parcel, parcel))) as url:
        report = await adapter_to(http, url).status(RX.external_id, None)
    assert [(one.tracking_id, one.at.isoformat()) for one in report.shipments] == [("T-1", "2026-11-20T00:00:00+00:00")]


@pytest.mark.parametrize("task", [TASK | {"status": "draft"}, TASK | {"status": 7}, TASK | {"status": None}])
async def test_a_task_that_says_nothing_leaves_it_unknown(http, task):
    async with answering(Task=(200, found(task))) as url:
        with pytest.raises(OutcomeUnknownError):
            await adapter_to(http, url).status(RX.external_id, None)


async def test_a_document_may_lie_in_a_binary_of_the_same_server(http):
    attachment = {"contentType": "application/pdf", "url": "Binary/b-1", "title": "a/label.pdf"}
    reference = {"resourceType": "DocumentReference", "content": [{"attachment": attachment}]}
    async with answering(Task=(200, found(TASK)), DocumentReference=(200, reference), Binary=(200, PDF)) as url:
        document = await adapter_to(http, url).document(RX.external_id, None)
    assert (document.name, document.content) == ("label.pdf", PDF)


@pytest.mark.parametrize("link", ["http://127.0.0.1:1/Binary/b-1", "Binary/../../secrets", "//other/Binary/b-1"])
async def test_a_document_elsewhere_is_not_fetched(http, link):
    reference = {"resourceType": "DocumentReference", "content": [{"attachment": {"url": link}}]}
    async with answering(Task=(200, found(TASK)), DocumentReference=(200, reference)) as url:
        assert await adapter_to(http, url).document(RX.external_id, None) is None


@pytest.mark.parametrize(
    "content",
    [[], [{"attachment": {"data": "no base64!"}}], [{"attachment": {"data": base64.b64encode(PDF).decode()[:-3]}}]],
)
async def test_a_document_that_cannot_be_read_is_asked_for_again(http, content):
    reference = {"resourceType": "DocumentReference", "content": content}
    async with answering(Task=(200, found(TASK)), DocumentReference=(200, reference)) as url:
        with pytest.raises(OutcomeUnknownError):
            await adapter_to(http, url).document(RX.external_id, None)


async def test_several_requests_together_get_the_time_of_one(http):
    """Whoever claimed the order counts on that: after its lease somebody else takes the order."""

    async def handle(_):
        await asyncio.sleep(0.35)
        return web.Response(body=msgspec.json.encode(found(TASK)))

    async with serving(handle) as url:
        adapter = FhirAdapter(http, url, b"secret", 0.5)
        for call in (adapter.status(RX.external_id, None), adapter.document(RX.external_id, None)):
            with pytest.raises(OutcomeUnknownError):
                await call
        assert await FhirAdapter(http, url, b"secret", 5).status(RX.external_id, None)
