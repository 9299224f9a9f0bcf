"""The simulator's orders as FHIR R4. No I/O."""

import base64
from typing import Any
from uuid import UUID

from carelane.kit import clock
from carelane.pharmacies.adapters.fhir_writing import TRACKING, TRACKING_URL, identifier
from carelane.pharmacies.simulator.callbacks import new_message_id
from carelane.pharmacies.simulator.documents import document_of
from carelane.pharmacies.simulator.orders import Order, Parcel

_STATUSES = {"SENT": "received", "ACCEPTED": "accepted", "SHIPPED": "in-progress", "DELIVERED": "completed",
             "REJECTED": "rejected", "CANCELED": "cancelled"}  # fmt: skip
_NUMBERS = "urn:carelane:pharmacy-simulator:order"
_FILLER = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "FILL"}]}

Resource = dict[str, Any]


def bundle(bundle_type: str, resources: list[Resource], **more: Any) -> Resource:
    found: Resource = {"resourceType": "Bundle", "type": bundle_type, **more}
    if bundle_type == "searchset":
        found["total"] = len(resources)
    if resources:
        found["entry"] = [{"fullUrl": f"urn:carelane:{one['id']}", "resource": one} for one in resources]
    return found


def taken(order: Order, count: int) -> Resource:
    """The answer to a transaction of `count` entries; its last entry was the Task."""
    made = {"response": {"status": "201 Created"}}
    last = {
        "resource": task(order),
        "response": {"status": "201 Created", "location": f"Task/{order.number}/_history/1"},
    }
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": [made] * (count - 1) + [last]}


def callback(order: Order) -> Resource:
    """A message: header, Task, parcels."""
    message_id = new_message_id()
    header = {
        "resourceType": "MessageHeader",
        "id": message_id,
        "eventUri": "urn:carelane:order-status",
        "source": {"endpoint": "urn:carelane:pharmacy-simulator"},
        "focus": [{"reference": f"Task/{order.number}"}],
    }
    name = {"system": "urn:carelane:pharmacy-simulator:message", "value": message_id}
    resources = [header, task(order), *dispenses(order)]
    return bundle("message", resources, identifier=name, timestamp=clock.now().isoformat())


def task(order: Order) -> Resource:
    found: Resource = {
        "resourceType": "Task",
        "id": order.number,
        "identifier": [{"type": _FILLER, "system": _NUMBERS, "value": order.number}],
        "groupIdentifier": identifier(order.new.external_id),
        "status": _STATUSES[order.status],
        "intent": "order",
    }
    if order.reason:
        found["statusReason"] = {"text": order.reason}
    if order.estimated_delivery_at:
        found["executionPeriod"] = {"end": order.estimated_delivery_at.isoformat()}
    if order.has_document:
        reference = {"reference": f"DocumentReference/{order.number}"}
        found["output"] = [{"type": {"text": "document"}, "valueReference": reference}]
    return found


def dispenses(order: Order) -> list[Resource]:
    return [_dispense(order.new.external_id, parcel) for parcel in order.parcels]


def document_reference(order: Order) -> Resource:
    attachment = {
        "contentType": "application/pdf",
        "data": base64.b64encode(document_of(order)).decode(),
        "title": f"pharmacy-{order.number}.pdf",
    }
    return {
        "resourceType": "DocumentReference",
        "id": order.number,
        "status": "current",
        "content": [{"attachment": attachment}],
    }


def outcome(text: str) -> Resource:
    issue = {"severity": "error", "code": "processing", "diagnostics": text}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _dispense(external_id: UUID, parcel: Parcel) -> Resource:
    tracking = {"system": TRACKING, "value": parcel.tracking_id, "assigner": {"display": parcel.carrier_name}}
    return {
        "resourceType": "MedicationDispense",
        "id": parcel.tracking_id,
        "extension": [{"url": TRACKING_URL, "valueUrl": parcel.tracking_url}],
        "identifier": [identifier(external_id), tracking],
        "status": "completed" if parcel.has_arrived else "in-progress",
        "statusReasonCodeableConcept": {"text": parcel.status},
        "medicationCodeableConcept": {"text": "The medicine in this parcel"},
        "location": {"display": parcel.location},
        "whenHandedOver": parcel.at.isoformat(),
    }
