"""Every FHIR body of ours is checked with an independent library. It speaks R4B, which differs from R4 in none of the
resources used here."""

import math

import msgspec
import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.documentreference import DocumentReference

from carelane.pharmacies.adapters.fhir_writing import cancel_bundle, new_rx_bundle
from carelane.pharmacies.simulator import fhir_writing as answers
from carelane.pharmacies.simulator.orders import Book, NewOrder
from tests.pharmacies.prescriptions import PATIENT, PDF, PRESCRIBER, TABLETS, prescription

CREAM = msgspec.structs.replace(
    TABLETS, drug_id="drug 789 ", name="Cream", ndc=None, direction=None, quantity="1 tube", refill_count=None,
    supply_days=None,
)  # fmt: skip


def written(rx):
    """The Bundle as the library reads it from our bytes."""
    return Bundle.model_validate_json(msgspec.json.encode(new_rx_bundle(rx, PDF)))


def resources(bundle, name):
    return [entry.resource for entry in bundle.entry if entry.resource.get_resource_type() == name]


PRESCRIPTIONS = {
    "whole": {"items": [TABLETS, CREAM], "is_test": True, "custom_fields": {"scenario": "accept", "note": "naïve"}},
    "bare": {
        "items": [CREAM],
        "patient": msgspec.structs.replace(
            PATIENT, phone_number=None, date_of_birth=None, gender=None, allergies=None, health_conditions=None,
            current_medications="",
        ),
        "prescriber": msgspec.structs.replace(PRESCRIBER, title=None, title_suffix=None, dea=None),
        "date_written": "20 November",
    },
    "instants": {"date_written": "2026-11-20T12:00:00.5+01:00"},
    "decimals": {"items": [msgspec.structs.replace(TABLETS, quantity="2.5")]},
}  # fmt: skip


@pytest.mark.parametrize("name", PRESCRIPTIONS)
def test_the_transaction_is_valid(name):
    bundle = written(prescription(**PRESCRIPTIONS[name]))
    assert bundle.type == "transaction"
    assert all(entry.fullUrl.startswith("urn:uuid:") for entry in bundle.entry)
    assert len({entry.fullUrl for entry in bundle.entry}) == len(bundle.entry)


@pytest.mark.parametrize("name", PRESCRIPTIONS)
def test_every_reference_leads_to_an_entry_of_the_bundle(name):
    bundle = new_rx_bundle(prescription(**PRESCRIPTIONS[name]), PDF)
    found: list[str] = []

    def walk(value):
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(part)
        if isinstance(value, dict) and "reference" in value:
            found.append(value["reference"])

    walk(bundle)
    assert found
    assert set(found) <= {entry["fullUrl"] for entry in bundle["entry"]}


def test_what_was_prescribed_is_all_there():
    rx = prescription(**PRESCRIPTIONS["whole"])
    bundle = written(rx)
    tablets, cream = resources(bundle, "MedicationRequest")
    codings = {coding.system: coding.code for coding in tablets.medicationCodeableConcept.coding}
    assert codings == {"http://hl7.org/fhir/sid/ndc": "00000-0456-30", "urn:carelane:drug-code": "drug-456"}
    assert tablets.dosageInstruction[0].text == "Take one tablet each morning"
    assert tablets.reasonCode[0].text == "Essential hypertension"
    dispense = tablets.dispenseRequest
    assert (int(dispense.quantity.value), dispense.numberOfRepeatsAllowed) == (30, 2)
    assert (int(dispense.expectedSupplyDuration.value), dispense.expectedSupplyDuration.code) == (30, "d")
    assert {request.groupIdentifier.value for request in (tablets, cream)} == {rx.external_id.urn}
    assert cream.note[0].text == "Quantity: 1 tube"
    assert cream.medicationCodeableConcept.coding[0].code == "drug 789"


def test_who_prescribed_and_for_whom_is_there():
    bundle = written(prescription())
    (practitioner,), (patient,) = resources(bundle, "Practitioner"), resources(bundle, "Patient")
    identifiers = {identifier.system: identifier.value for identifier in practitioner.identifier}
    assert identifiers["http://hl7.org/fhir/sid/us-npi"] == "1234567893"
    assert (patient.name[0].family, patient.gender, str(patient.birthDate)) == ("O'Brien", "female", "1985-04-12")
    assert patient.address[0].line == ["123 Main Street", "Apt 4B"]
    assert resources(bundle, "AllergyIntolerance")[0].code.text == "Penicillin"
    assert resources(bundle, "Condition")[0].code.text == "Hypertension"
    assert resources(bundle, "MedicationStatement")[0].medicationCodeableConcept.text == "Lisinopril"
    attachment = resources(bundle, "DocumentReference")[0].content[0].attachment
    assert attachment.data == PDF


def test_the_same_bundle_again_makes_nothing_again():
    rx = prescription()
    assert new_rx_bundle(rx, PDF) == new_rx_bundle(rx, PDF)
    requests = [entry.request for entry in written(rx).entry]
    assert [request for request in requests if request.method == "POST" and not request.ifNoneExist] == []
    assert {request.method for request in requests} == {"POST", "PUT"}


def test_a_decimal_quantity_is_a_number():
    (request,) = resources(written(prescription(**PRESCRIPTIONS["decimals"])), "MedicationRequest")
    assert math.isclose(request.dispenseRequest.quantity.value, 2.5)


@pytest.mark.parametrize("reason", ["The patient moved", ""])
def test_the_cancellation_is_valid(reason):
    bundle = Bundle.model_validate_json(msgspec.json.encode(cancel_bundle(prescription().external_id, reason)))
    assert (bundle.entry[0].resource.status, bundle.entry[0].request.method) == ("cancelled", "PUT")


def test_what_the_simulator_writes_is_valid():
    rx = prescription()
    new = NewOrder(
        external_id=rx.external_id, dialect="fhir", callback_url=None, drug_ids=[], custom_fields={}, message={}
    )
    order = Book().write(new)
    for change in (lambda: None, lambda: order.ship(1), lambda: order.ship(2), order.deliver, order.reject):
        change()
        found = [
            answers.callback(order),
            answers.taken(order, 3),
            answers.bundle("searchset", answers.dispenses(order)),
        ]
        for bundle in found:
            Bundle.model_validate_json(msgspec.json.encode(bundle))
        DocumentReference.model_validate_json(msgspec.json.encode(answers.document_reference(order)))


@pytest.mark.parametrize(
    ("written", "authored"),
    [
        ("2026-11-20", "2026-11-20"),
        ("2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z"),
        ("2026-11-20T12:00:00.5+01:00", "2026-11-20T12:00:00.5+01:00"),
        # FHIR wants seconds, and a colon in the offset: the same moment and the same offset in its spelling.
        ("2026-11-20T12:00Z", "2026-11-20T12:00:00+00:00"),
        ("2026-11-20T12:00:00+0100", "2026-11-20T12:00:00+01:00"),
        ("2026-11-20T23:30-05", "2026-11-20T23:30:00-05:00"),
        ("2026-11-20T233000-0500", "2026-11-20T23:30:00-05:00"),
    ],
)
def test_the_day_it_was_written_arrives_as_it_was_written(written, authored):
    """Not the day it was signed, nor the one it was placed."""
    bundle = new_rx_bundle(prescription(date_written=written, date_signed="2026-11-21"), PDF)
    (request,) = [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "MedicationRequest"]
    assert request["authoredOn"] == authored
