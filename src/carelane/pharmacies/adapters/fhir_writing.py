"""A prescription as a FHIR R4 transaction Bundle. No I/O.

One Task stands for the order: it is looked up, canceled, and says how far the order is. Each entry is conditional on an
identifier of ours, so sending the same Bundle again makes nothing twice.
"""

import base64
import re
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

import msgspec

from carelane.pharmacies.schemas import PostalAddress, Prescription, RxItem

URN = "urn:ietf:rfc:3986"
NPI = "http://hl7.org/fhir/sid/us-npi"
NDC = "http://hl7.org/fhir/sid/ndc"
DEA = "urn:oid:2.16.840.1.113883.4.814"
DRUG_CODE = "urn:carelane:drug-code"
TRACKING = "urn:carelane:tracking"
TRACKING_URL = "urn:carelane:tracking-url"
CUSTOM_FIELDS = "customFields"
_IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
_GENDERS = {"m": "male", "male": "male", "f": "female", "female": "female", "other": "other"}
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?")
_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,6})?")

Resource = dict[str, Any]


def new_rx_bundle(rx: Prescription, pdf: bytes) -> Resource:
    """Patient, Practitioner, a MedicationRequest for each item, the PDF, health notes where there are any, the Task."""
    requests = [
        _entry(rx, f"item {number}", _medication_request(rx, item)) for number, item in enumerate(rx.items, start=1)
    ]
    entries = [_patient_entry(rx), _practitioner_entry(rx), *_health_entries(rx), *requests]
    entries += [_entry(rx, "pdf", _document(rx, pdf)), _task_entry(rx, [entry["fullUrl"] for entry in requests])]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def cancel_bundle(external_id: UUID, reason: str) -> Resource:
    """Sets the order's Task to `cancelled`, whatever id the pharmacy gave it."""
    task = {
        "resourceType": "Task",
        "groupIdentifier": identifier(external_id),
        "status": "cancelled",
        "statusReason": {"text": reason},
        "intent": "order",
    }
    request = {"method": "PUT", "url": f"Task?{task_query(external_id)}"}
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": _without_empty(task), "request": request}],
    }


def task_query(external_id: UUID) -> str:
    return f"group-identifier={_token(external_id)}"


def identifier_query(external_id: UUID) -> str:
    return f"identifier={_token(external_id)}"


def identifier(value: UUID) -> Resource:
    """One of ours, as whoever placed the order (PLAC)."""
    return {
        "type": {"coding": [{"system": _IDENTIFIER_TYPES, "code": "PLAC"}]},
        "system": URN,
        "value": value.urn,
    }


def part_id(external_id: UUID, part: str) -> UUID:
    """The id of a part of the order: the same each time the order is written."""
    return uuid5(external_id, part)


def _token(value: UUID) -> str:
    return quote(f"{URN}|{value.urn}", safe=":")


def _entry(rx: Prescription, part: str, resource: Resource, by: UUID | None = None) -> Resource:
    """Made once: the second time, the resource with the identifier is used."""
    own = part_id(rx.external_id, part)
    resource["identifier"] = [identifier(by or own), *resource.get("identifier", [])]
    if rx.is_test:
        resource["meta"] = {"tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]}
    request = {"method": "POST", "url": resource["resourceType"], "ifNoneExist": identifier_query(by or own)}
    return {"fullUrl": own.urn, "resource": _without_empty(resource), "request": request}


def _patient_entry(rx: Prescription) -> Resource:
    """The pharmacy's copy is brought up to date: the parcel goes to this address."""
    patient = rx.patient
    gender = (patient.gender or "").strip().lower()
    resource = {
        "resourceType": "Patient",
        "name": [{"use": "official", "family": patient.last_name, "given": [patient.first_name]}],
        "telecom": _telecom(patient.email, patient.phone_number),
        "gender": _GENDERS.get(gender, "unknown") if gender else None,
        "birthDate": patient.date_of_birth.isoformat() if patient.date_of_birth else None,
        "address": [_address(rx.shipping_address)],
    }
    entry = _entry(rx, "patient", resource, by=patient.id)
    entry["request"] = {"method": "PUT", "url": f"Patient?{identifier_query(patient.id)}"}
    return entry


def _practitioner_entry(rx: Prescription) -> Resource:
    """A practitioner whom the pharmacy already knows by the NPI is left as is."""
    prescriber = rx.prescriber
    name = {
        "family": prescriber.last_name,
        "given": [prescriber.first_name],
        "prefix": [prescriber.title],
        "suffix": [prescriber.title_suffix],
    }
    resource = {
        "resourceType": "Practitioner",
        "identifier": [{"system": NPI, "value": prescriber.npi}, {"system": DEA, "value": prescriber.dea}],
        "name": [name],
        "telecom": _telecom(prescriber.email, prescriber.phone_number),
        "address": [_address(prescriber.address)],
    }
    if not prescriber.dea:
        resource["identifier"] = [{"system": NPI, "value": prescriber.npi}]
    entry = _entry(rx, "practitioner", resource)
    entry["request"]["ifNoneExist"] = f"identifier={quote(f'{NPI}|{prescriber.npi}', safe=':')}"
    return entry


def _health_entries(rx: Prescription) -> list[Resource]:
    """Allergies, conditions and medication as the patient wrote them: text, no codes."""
    patient, subject = rx.patient, _reference(rx, "patient")
    parts: list[tuple[str, str | None, Resource]] = [
        ("allergies", patient.allergies, _clinical("AllergyIntolerance", "allergyintolerance", "patient", subject)),
        ("conditions", patient.health_conditions, _clinical("Condition", "condition", "subject", subject)),
    ]
    entries = [_entry(rx, part, resource | {"code": {"text": text}}) for part, text, resource in parts if text]
    if patient.current_medications:
        statement = {
            "resourceType": "MedicationStatement",
            "status": "active",
            "medicationCodeableConcept": {"text": patient.current_medications},
            "subject": subject,
        }
        entries.append(_entry(rx, "medications", statement))
    return entries


def _clinical(resource_type: str, codes: str, whose: str, subject: Resource) -> Resource:
    system = f"http://terminology.hl7.org/CodeSystem/{codes}-clinical"
    status = {"coding": [{"system": system, "code": "active"}]}
    return {"resourceType": resource_type, "clinicalStatus": status, whose: subject}


def _medication_request(rx: Prescription, item: RxItem) -> Resource:
    codes = [{"system": DRUG_CODE, "code": " ".join(item.drug_id.split())}]
    if item.ndc:
        codes.insert(0, {"system": NDC, "code": item.ndc})
    return {
        "resourceType": "MedicationRequest",
        "groupIdentifier": identifier(rx.external_id),
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"coding": codes, "text": item.name},
        "subject": _reference(rx, "patient"),
        "authoredOn": _date(rx),
        "requester": _reference(rx, "practitioner"),
        "reasonCode": [{"text": rx.diagnosis}],
        "dosageInstruction": [{"text": item.direction}],
        "dispenseRequest": _dispense_request(rx, item),
        "note": [] if _DECIMAL.fullmatch(item.quantity) else [{"text": f"Quantity: {item.quantity}"}],
    }


def _dispense_request(rx: Prescription, item: RxItem) -> Resource:
    days = item.supply_days
    return {
        "numberOfRepeatsAllowed": item.refill_count,
        "quantity": {"value": _number(item.quantity)} if _DECIMAL.fullmatch(item.quantity) else None,
        "expectedSupplyDuration": {"value": days, "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"}
        if days is not None
        else None,
        "performer": {"display": rx.pharmacy_code},
    }


def _document(rx: Prescription, pdf: bytes) -> Resource:
    attachment = {
        "contentType": "application/pdf",
        "data": base64.b64encode(pdf).decode(),
        "title": f"prescription-{rx.external_id}.pdf",
    }
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"text": "Prescription"},
        "subject": _reference(rx, "patient"),
        "date": rx.placed_at.isoformat(),
        "content": [{"attachment": attachment}],
    }


def _task_entry(rx: Prescription, requests: list[str]) -> Resource:
    inputs: list[Resource] = [
        {"type": {"text": "prescription"}, "valueReference": {"reference": url}} for url in requests
    ]
    inputs.append({"type": {"text": "document"}, "valueReference": _reference(rx, "pdf")})
    if rx.custom_fields:
        fields = msgspec.json.encode(rx.custom_fields).decode()
        inputs.append({"type": {"text": CUSTOM_FIELDS}, "valueString": fields})
    task = {
        "resourceType": "Task",
        "groupIdentifier": identifier(rx.external_id),
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]},
        "focus": {"reference": requests[0]},
        "for": _reference(rx, "patient"),
        "authoredOn": rx.placed_at.isoformat(),
        "requester": {"display": rx.organization_name},
        "owner": {"display": rx.pharmacy_code},
        "input": inputs,
    }
    entry = _entry(rx, "task", task)
    entry["request"]["ifNoneExist"] = task_query(rx.external_id)
    return entry


def _reference(rx: Prescription, part: str) -> Resource:
    return {"reference": part_id(rx.external_id, part).urn}


def _telecom(email: str, phone_number: str | None) -> list[Resource]:
    phone = [{"system": "phone", "value": phone_number}] if phone_number else []
    return [*phone, {"system": "email", "value": email}]


def _address(address: PostalAddress) -> Resource:
    return {
        "line": [address.address_line1, address.address_line2],
        "city": address.city,
        "state": address.state,
        "postalCode": address.postal_code,
        "country": address.country,
    }


def _date(rx: Prescription) -> str:
    """When it was written, if the storefront said so; else when it was placed. FHIR wants seconds and a colon in the offset."""
    for text in (rx.date_written, rx.date_signed, rx.date_prescribed):
        if text and _DATE.fullmatch(text):
            return text
        if text and (moment := _instant(text)) is not None:
            return moment.isoformat()
    return rx.placed_at.isoformat()


def _instant(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.utcoffset() is not None else None


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _without_empty(value: Any) -> Any:
    """FHIR has no nulls, and no empty texts, lists or objects."""
    if isinstance(value, dict):
        cleaned = {name: _without_empty(part) for name, part in value.items()}
        return {name: part for name, part in cleaned.items() if part not in (None, "", [], {})}
    if isinstance(value, list):
        return [part for part in map(_without_empty, value) if part not in (None, "", [], {})]
    return value
