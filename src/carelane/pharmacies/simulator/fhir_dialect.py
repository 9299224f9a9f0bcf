"""The simulator as a FHIR R4 server, under /fhir: the few requests that the adapter makes."""

from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web

from carelane.pharmacies.adapters.fhir import CALLBACK_URL_HEADER
from carelane.pharmacies.adapters.fhir_writing import CUSTOM_FIELDS, DRUG_CODE
from carelane.pharmacies.simulator import fhir_writing
from carelane.pharmacies.simulator.callbacks import Message
from carelane.pharmacies.simulator.http_dialect import behave, retry_headers
from carelane.pharmacies.simulator.orders import NewOrder, Order
from carelane.pharmacies.simulator.pharmacy import Pharmacy, RefusedError

FHIR = "application/fhir+json"
_UNREADABLE = (KeyError, IndexError, TypeError, AttributeError, ValueError)


def write_callback(order: Order) -> Message:
    return Message(msgspec.json.encode(fhir_writing.callback(order)), FHIR)


class FhirDialect:
    """POST /fhir, GET /fhir/Task, GET /fhir/MedicationDispense, GET /fhir/DocumentReference/{id}."""

    def __init__(self, pharmacy: Pharmacy) -> None:
        self._pharmacy = pharmacy

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/fhir", self._transaction),
            web.get("/fhir/Task", self._tasks),
            web.get("/fhir/MedicationDispense", self._dispenses),
            web.get("/fhir/DocumentReference/{number}", self._document),
        ]

    async def _transaction(self, request: web.Request) -> web.StreamResponse:
        try:
            bundle = msgspec.json.decode(await request.read())
            task = _resources(bundle, "Task")[0]
            if task["status"] == "cancelled":
                return self._cancel(task)
            new = _read_new(bundle, task, request.headers.get(CALLBACK_URL_HEADER))
        except _UNREADABLE as error:
            return _answer(400, fhir_writing.outcome(f"The Bundle cannot be read ({type(error).__name__})"))
        try:
            order = await self._pharmacy.take(new)
        except RefusedError as error:
            return _answer(error.status, fhir_writing.outcome(str(error)), retry_headers(error))
        return behave(request, order) or _answer(200, fhir_writing.taken(order, len(bundle["entry"])))

    def _cancel(self, task: dict[str, Any]) -> web.Response:
        order = self._pharmacy.book.first(UUID(task["groupIdentifier"]["value"]))
        if order is None:
            return _answer(412, fhir_writing.outcome("No such Task"))
        if not self._pharmacy.cancel(order, task.get("statusReason", {}).get("text", "")):
            return _answer(409, fhir_writing.outcome("It is too late to cancel"))
        return _answer(200, fhir_writing.taken(order, 1))

    async def _tasks(self, request: web.Request) -> web.Response:
        found = self._pharmacy.book.of(_token(request, "group-identifier"))[:1]
        return _answer(200, fhir_writing.bundle("searchset", [fhir_writing.task(order) for order in found]))

    async def _dispenses(self, request: web.Request) -> web.Response:
        found = self._pharmacy.book.of(_token(request, "identifier"))[:1]
        parcels = [parcel for order in found for parcel in fhir_writing.dispenses(order)]
        return _answer(200, fhir_writing.bundle("searchset", parcels))

    async def _document(self, request: web.Request) -> web.Response:
        order = self._pharmacy.book.by_number(request.match_info["number"])
        if order is None or not order.has_document:
            return _answer(404, fhir_writing.outcome("No such document"))
        return _answer(200, fhir_writing.document_reference(order))


def _read_new(bundle: dict[str, Any], task: dict[str, Any], callback_url: str | None) -> NewOrder:
    codings = [
        coding
        for request in _resources(bundle, "MedicationRequest")
        for coding in request["medicationCodeableConcept"]["coding"]
    ]
    for attachment in (
        part["attachment"] for one in _resources(bundle, "DocumentReference") for part in one["content"]
    ):
        attachment["data"] = f"{len(attachment['data'])} characters of base64"
    fields = [one["valueString"] for one in task.get("input", []) if one["type"].get("text") == CUSTOM_FIELDS]
    return NewOrder(
        external_id=UUID(task["groupIdentifier"]["value"]),
        dialect="fhir",
        callback_url=callback_url,
        drug_ids=[coding["code"] for coding in codings if coding["system"] == DRUG_CODE],
        custom_fields=msgspec.json.decode(fields[0]) if fields else {},
        message=bundle,
    )


def _resources(bundle: dict[str, Any], resource_type: str) -> list[dict[str, Any]]:
    found = [entry["resource"] for entry in bundle["entry"]]
    return [resource for resource in found if resource["resourceType"] == resource_type]


def _token(request: web.Request, name: str) -> UUID:
    """The value of a token parameter, `system|urn:uuid:…`."""
    return UUID(request.query[name].rpartition("|")[2])


def _answer(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type=FHIR, headers=headers)
