"""The simulator's side of our JSON protocol."""

from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web

from carelane.pharmacies.adapters.http import ORDER_UNKNOWN
from carelane.pharmacies.simulator.callbacks import Message, new_message_id
from carelane.pharmacies.simulator.documents import document_of
from carelane.pharmacies.simulator.orders import NewOrder, Order
from carelane.pharmacies.simulator.pharmacy import Pharmacy, RefusedError

JSON = "application/json"
_PDF_START = b"%PDF-"


class _Item(msgspec.Struct, rename="camel"):
    drug_id: str


class _Prescription(msgspec.Struct, rename="camel"):
    items: list[_Item]
    custom_fields: dict[str, Any] | None = None


class _Document(msgspec.Struct):
    content: bytes


class _NewRx(msgspec.Struct, rename="camel"):
    external_id: UUID
    prescription: _Prescription
    document: _Document
    callback_url: str | None = None


class _Cancel(msgspec.Struct, rename="camel"):
    external_id: UUID
    reason: str


def read_new(body: bytes) -> NewOrder:
    """Raises RefusedError for a message that no pharmacy could use."""
    try:
        message = msgspec.json.decode(body, type=_NewRx)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusedError(400, "The prescription cannot be read") from error
    pdf = message.document.content
    if not message.prescription.items or not pdf.startswith(_PDF_START):
        raise RefusedError(400, "Expected an item and a PDF")
    whole = msgspec.json.decode(body)
    whole["document"]["content"] = f"{len(pdf)} bytes"
    return NewOrder(
        external_id=message.external_id,
        dialect="http",
        callback_url=message.callback_url,
        drug_ids=[item.drug_id for item in message.prescription.items],
        custom_fields=message.prescription.custom_fields or {},
        message=whole,
    )


def report(order: Order) -> dict[str, Any]:
    return {
        "externalId": order.new.external_id,
        "pharmacyOrderId": order.number,
        "status": order.status,
        "message": order.reason,
        "shipments": [
            {
                "trackingId": parcel.tracking_id,
                "trackingUrl": parcel.tracking_url,
                "carrierName": parcel.carrier_name,
                "status": parcel.status,
                "location": parcel.location,
                "at": parcel.at,
            }
            for parcel in order.parcels
        ],
        "estimatedDeliveryAt": order.estimated_delivery_at,
        "hasDocument": order.has_document,
    }


def write_callback(order: Order) -> Message:
    return Message(msgspec.json.encode({"messageId": new_message_id(), **report(order)}), JSON)


class HttpDialect:
    """POST /orders, GET /orders/{id}, POST /orders/{id}/cancel, GET /orders/{id}/document."""

    def __init__(self, pharmacy: Pharmacy) -> None:
        self._pharmacy = pharmacy

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/orders", self._new_rx),
            web.get("/orders/{external_id}", self._status),
            web.post("/orders/{external_id}/cancel", self._cancel),
            web.get("/orders/{external_id}/document", self._document),
        ]

    def _found(self, request: web.Request) -> Order | None:
        return self._pharmacy.book.first(path_id(request))

    async def _new_rx(self, request: web.Request) -> web.StreamResponse:
        try:
            order = await self._pharmacy.take(read_new(await request.read()))
        except RefusedError as error:
            return _answer(error.status, {"message": str(error)}, retry_headers(error))
        return behave(request, order) or _answer(202, report(order))

    async def _status(self, request: web.Request) -> web.Response:
        order = self._found(request)
        return _answer(200, report(order)) if order else _unknown()

    async def _cancel(self, request: web.Request) -> web.Response:
        order = self._found(request)
        if order is None:
            return _unknown()
        try:
            message = msgspec.json.decode(await request.read(), type=_Cancel)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _answer(400, {"message": "The cancellation cannot be read"})
        if message.external_id != order.new.external_id:
            return _answer(400, {"message": "The body is about another order than the path"})
        return _answer(200 if self._pharmacy.cancel(order, message.reason) else 409, report(order))

    async def _document(self, request: web.Request) -> web.Response:
        order = self._found(request)
        if order is None or not order.has_document:
            return _unknown()
        headers = {"content-disposition": f'attachment; filename="pharmacy-{order.number}.pdf"'}
        return web.Response(body=document_of(order), content_type="application/pdf", headers=headers)


def path_id(request: web.Request) -> UUID:
    """Raises HTTPNotFound for anything but a UUID."""
    try:
        return UUID(request.match_info["external_id"])
    except ValueError:
        raise web.HTTPNotFound from None


def retry_headers(error: RefusedError) -> dict[str, str]:
    return {"Retry-After": "1"} if error.status == 429 else {}


def behave(request: web.Request, order: Order) -> web.StreamResponse | None:
    """The answer of scenarios that answer badly to an order they took; None: answer well."""
    if order.new.scenario == "unreadable":
        return web.Response(text="<html>Order received</html>", content_type="text/html")
    if order.new.scenario == "drop" and request.transport is not None:
        # The connection is closed before the answer below is written: the caller gets nothing.
        request.transport.abort()
        return web.Response()
    return None


def _unknown() -> web.Response:
    return _answer(404, {"code": ORDER_UNKNOWN, "message": "No such order, or no such document"})


def _answer(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type=JSON, headers=headers)
