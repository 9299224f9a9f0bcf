"""Answers of pharmacies over our JSON protocol that the simulator does not give: odd, wrong, or about something else."""

import msgspec
import pytest
from aiohttp import web

from carelane.kit.http import OutcomeUnknownError
from carelane.pharmacies.errors import RetryLaterError
from tests.pharmacies.conftest import SECRET, make_adapter
from tests.pharmacies.prescriptions import PDF, prescription
from tests.pharmacies.receiver import serving

ACCEPTED = {"status": "ACCEPTED", "pharmacyOrderId": "P-1"}


def answering(status, body=b"", headers=None):
    """A pharmacy that answers everything alike."""

    async def handle(_):
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return web.Response(status=status, body=content, headers=headers)

    return serving(handle)


async def place(http, url):
    return await make_adapter("http", http, url).new_rx(prescription(), PDF, None)


async def test_an_order_that_is_there_already_is_reported_as_it_stands(http):
    async with answering(409, ACCEPTED) as url:
        assert (await place(http, url)).pharmacy_order_id == "P-1"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (409, b"conflict"),
        (200, b""),
        (200, b"<html>"),
        (200, {"status": "MAYBE"}),
        (200, ACCEPTED | {"externalId": "00000000-0000-4000-8000-000000000000"}),
        (500, ACCEPTED),
        (502, b""),
        (504, b""),
        (408, b""),
        (302, b""),
        (307, b""),
    ],
)
async def test_an_answer_that_does_not_tell_leaves_the_outcome_unknown(http, status, body):
    async with answering(status, body, {"Location": "/elsewhere"}) as url:
        with pytest.raises(OutcomeUnknownError) as failed:
            await place(http, url)
    assert failed.value.http_status == status


async def test_an_answer_without_end_is_not_read_to_the_end_and_a_document_may_be_larger(http):
    async with answering(200, msgspec.json.encode(ACCEPTED) + b" " * 5_000_000) as url:
        with pytest.raises(OutcomeUnknownError):
            await place(http, url)
        document = await make_adapter("http", http, url).document(prescription().external_id, None)
        assert document is not None
        assert len(document.content) > 5_000_000


@pytest.mark.parametrize("status", [404, 405, 413, 415, 451])
async def test_a_refusal_that_is_not_the_orders_fault_rejects_no_order(http, status):
    """A wrong address must not reject prescriptions."""
    async with answering(status, b"no") as url:
        with pytest.raises(RetryLaterError, match=f"refused with status {status}"):
            await place(http, url)


@pytest.mark.parametrize(
    ("body", "message"), [({"message": "Out of stock"}, "Out of stock"), (b"Out of stock", "Out of stock")]
)
@pytest.mark.parametrize("status", [400, 422])
async def test_the_pharmacys_reason_is_kept(http, status, body, message):
    async with answering(status, body) as url:
        report = await place(http, url)
    assert (report.status, report.message) == ("REJECTED", message)


async def test_a_bare_404_is_not_the_pharmacys_word_that_it_has_no_such_order(http):
    """It may come from whatever stands in between, and an order that is believed unknown is sent again."""
    rx = prescription()
    async with answering(404, b"Not Found") as url:
        adapter = make_adapter("http", http, url)
        for call in (adapter.status(rx.external_id, None), adapter.cancel_rx(rx.external_id, None, "")):
            with pytest.raises(RetryLaterError):
                await call
    async with answering(404, {"code": "ORDER_UNKNOWN"}) as url:
        adapter = make_adapter("http", http, url)
        assert await adapter.status(rx.external_id, None) is None
        assert (await adapter.cancel_rx(rx.external_id, None, "")).status == "CANCELED"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0", 0), ("9999999999", 86400), ("soon", None), ("-1", None), ("Mon, 01 Jan 2001 00:00:00 GMT", 0)],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_read(http, status, header, seconds):
    async with answering(status, b"", {"Retry-After": header}) as url:
        with pytest.raises(RetryLaterError) as failed:
            await place(http, url)
    assert failed.value.seconds == seconds


async def test_a_document_without_a_name_gets_one_and_a_path_in_a_name_leads_nowhere(http):
    rx = prescription()
    headers = {
        "Content-Type": "application/pdf; charset=x",
        "Content-Disposition": 'attachment; filename="../../x.pdf"',
    }
    async with answering(200, PDF, headers) as url:
        document = await make_adapter("http", http, url).document(rx.external_id, None)
        assert (document.name, document.content_type, document.content) == ("x.pdf", "application/pdf", PDF)
    async with answering(200, PDF) as url:
        assert (
            await make_adapter("http", http, url).document(rx.external_id, None)
        ).name == f"pharmacy-{rx.external_id}"
    async with answering(204) as url:
        assert await make_adapter("http", http, url).document(rx.external_id, None) is None


async def test_what_is_sent_is_what_the_page_says(http):
    seen = []

    async def handle(request):
        seen.append((request, await request.read()))
        return web.json_response(ACCEPTED, status=202)

    rx = prescription("accept")
    async with serving(handle) as url:
        await make_adapter("http", http, url + "/rx").new_rx(rx, PDF, "https://clinic.example/callbacks")
    ((request, body),) = seen
    sent = msgspec.json.decode(body)
    assert (request.method, request.path) == ("POST", "/rx/orders")
    assert request.headers["Idempotency-Key"] == sent["externalId"] == str(rx.external_id)
    assert sent["callbackUrl"] == "https://clinic.example/callbacks"
    assert sent["prescription"]["items"][0]["drugId"] == "drug-456"
    assert sent["prescription"]["customFields"] == {"scenario": "accept"}
    assert msgspec.convert(sent["document"]["content"], bytes) == PDF
    assert SECRET not in body


def test_nothing_of_a_prescription_is_printed():
    rx = prescription()
    shown = f"{rx!r} {rx.patient!r} {rx.items!r} {rx.prescriber!r}"
    assert [word for word in ("Brien", "Penicillin", "Lisinopril", "Stone") if word in shown] == []
