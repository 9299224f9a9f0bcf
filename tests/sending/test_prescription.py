"""The page that a pharmacist reads: everything is on it, and what people wrote is text and nothing else."""

from datetime import UTC, datetime
from io import BytesIO

import msgspec
import pytest
from pypdf import PdfReader

from carelane.orders.sending.views import render
from tests.pharmacies.prescriptions import PATIENT, PRESCRIBER, TABLETS, prescription

MARKUP = [
    '#eval("1 + 1")', "*bold* _thin_", "$x^2$", "= Heading", "@reference <label>", "`raw`", "\\u{41}", "// gone",
    "#import \"@preview/x:1.0.0\"", "]]} #panic()", '"quoted" \'too\'', "-- --- ...", "~ https://example.org",
]  # fmt: skip


def read(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def test_everything_a_pharmacist_needs_is_on_one_page():
    rx = prescription(date_signed="2026-11-21T08:00:00Z")
    (page,) = read(render(rx))
    for expected in (
        "Ada Stone MD", "Dr., Harbor Health", "NPI 1234567893", "DEA AS1234563", "+12175550199", "ada@clinic.example",
        "Zoë O'Brien", "born 1985-04-12, Female", "+12175550123", "123 Main Street, Apt 4B", "Springfield, IL 62701",
        "2026-11-20", "Essential hypertension", "Penicillin", "Hypertension", "Lisinopril",
        "Lisinopril 10 mg tablets", "drug-456, NDC 00000-0456-30", "Take one tablet each morning",
        "QUANTITY\n30", "REFILLS\n2", "DAYS SUPPLY\n30", str(rx.order_id), str(rx.external_id),
        "Electronically prescribed by Ada Stone MD", "signed 2026-11-21",
    ):  # fmt: skip
        assert expected in page
    assert "NOT TO BE DISPENSED" not in page


def test_what_was_not_said_is_not_printed():
    patient = msgspec.structs.replace(PATIENT, allergies=None, health_conditions=None, date_of_birth=None, gender=None)
    prescriber = msgspec.structs.replace(PRESCRIBER, dea=None, title=None, title_suffix=None)
    tablets = msgspec.structs.replace(TABLETS, ndc=None, direction=None, refill_count=None, supply_days=None)
    rx = prescription(patient=patient, prescriber=prescriber, items=[tablets], date_written=None)
    (page,) = read(render(rx))
    for absent in ("none", "None", "DEA", "born", "NDC", "DIRECTIONS", "DAYS SUPPLY", "HEALTH CONDITIONS"):
        assert absent not in page.replace("none stated", "")
    assert "ALLERGIES\nnone stated" in page
    assert "REFILLS\n0" in page


def test_custom_fields_neither_are_printed_nor_can_keep_it_from_being_printed():
    """The compiler reads no number like this, and an order that cannot be printed never leaves."""
    odd = prescription(custom_fields={"number": 10**400, "note": "CUSTOM"})
    assert "CUSTOM" not in read(render(odd))[0]


def test_a_test_says_that_it_is_one():
    assert "TEST: NOT TO BE DISPENSED" in read(render(prescription(is_test=True)))[0]


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_printed_as_it_was_written(text):
    """In every place that a person fills in."""
    rx = prescription(
        diagnosis=text,
        organization_name=text,
        patient=msgspec.structs.replace(PATIENT, first_name=text, allergies=text, email=text),
        prescriber=msgspec.structs.replace(PRESCRIBER, last_name=text, npi=text),
        items=[msgspec.structs.replace(TABLETS, name=text, direction=text, quantity=text)],
    )
    (page,) = read(render(rx))
    joined = " ".join(page.split())
    assert joined.count(text) >= 10


def test_many_items_take_more_pages_and_none_is_left_out():
    items = [msgspec.structs.replace(TABLETS, name=f"Tablets number {number}") for number in range(1, 21)]
    pages = read(render(prescription(items=items)))
    assert len(pages) > 1
    assert [f"Tablets number {number}\n" in "\n".join(pages) for number in range(1, 21)] == [True] * 20


def test_the_same_prescription_always_gives_the_same_bytes():
    rx = prescription(placed_at=datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC))
    first = render(rx)
    render(prescription())
    assert render(rx) == first
