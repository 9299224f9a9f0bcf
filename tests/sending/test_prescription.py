"""The page that a pharmacist reads: everything is on it, and what people wrote is text and nothing else."""

from datetime import UTC, datetime
from io import BytesIO
from uuid import uuid4

import msgspec
import pytest
from pypdf import PdfReader

from carelane.orders.sending.glyphs import NoGlyphError, has_glyphs
from carelane.orders.sending.views import render
from carelane.pharmacies.schemas import RxDecision
from tests.pharmacies.prescriptions import HOME as PATIENT_HOME
from tests.pharmacies.prescriptions import PATIENT, PRESCRIBER, TABLETS, prescription
from tests.sending.pictures import glyphs_in, pictures

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
        "Prescriber as given by Harbor Health: Ada Stone MD, NPI 1234567893, signed 2026-11-21",
    ):  # fmt: skip
        assert expected in page
    assert "NOT TO BE DISPENSED" not in page


APPROVED = RxDecision(
    id=uuid4(), decided_at=datetime(2026, 11, 20, 3, tzinfo=UTC), first_name="Ada", last_name="Stone", npi="1234567893"
)


def test_who_decided_here_has_prescribed_it_and_the_decision_is_named_with_its_day():
    rx = prescription(items=[msgspec.structs.replace(TABLETS, decision=APPROVED)], is_signed=True)
    (page,) = read(render(rx))
    joined = " ".join(page.split())
    assert "Electronically prescribed by Ada Stone MD, NPI 1234567893, through Harbor Health." in joined
    # Eight in the evening of the 19th where the prescriber is.
    assert "the approval of 2026-11-19 by Ada Stone, NPI 1234567893" in joined
    assert str(APPROVED.id) in joined.replace("- ", "-")
    assert "as given by" not in joined


def test_whom_a_storefront_names_has_signed_nothing_here():
    for items in ([TABLETS], [msgspec.structs.replace(TABLETS, decision=APPROVED)]):
        (page,) = read(render(prescription(items=items)))
        assert "Electronically" not in page
        assert "Prescriber as given by Harbor Health: Ada Stone MD" in page


@pytest.mark.parametrize(
    ("written", "state", "day"),
    [
        ("2026-11-20", "IL", "2026-11-20"),
        ("2026-11-20T03:00:00Z", "IL", "2026-11-19"),
        ("2026-11-20T03:00:00Z", "HI", "2026-11-19"),
        ("2026-11-20T15:00:00Z", "GU", "2026-11-21"),
        ("2026-11-20T23:30:00-06:00", "IL", "2026-11-20"),
        (None, "IL", "2026-11-20"),
        (None, "GU", "2026-11-21"),
    ],
)
def test_the_day_is_the_prescribers(written, state, day):
    address = msgspec.structs.replace(PRESCRIBER.address, state=state)
    prescriber = msgspec.structs.replace(PRESCRIBER, address=address)
    placed_at = datetime(2026, 11, 20, 15, tzinfo=UTC)
    rx = prescription(prescriber=prescriber, date_written=written, placed_at=placed_at)
    assert f"DATE WRITTEN\n{day}" in read(render(rx))[0]


NAMES = [
    "王小明", "歐陽娜娜", "佐藤 さくら", "김철수", "สมชาย ใจดี", "देवेन्द्र कुमार", "محمد علي", "דוד כהן", "Nguyễn Văn Đức",
    "Иван Γιώργος", "Keli\u02bbi", "😀👩‍⚕️❤️", "Ọlá Ẹ̀kọ́", "የኢትዮጵያ", "தமிழ்", "Բարեւ", "ქართული",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_of_the_world_are_printed_with_their_glyphs(name):
    """And none as an empty box, which is glyph 0 of whichever font it was looked for in."""
    pdf = render(prescription(patient=msgspec.structs.replace(PATIENT, first_name=name)))
    assert 0 not in glyphs_in(pdf)
    assert has_glyphs(name)


@pytest.mark.parametrize("name", ["ꦄꦤꦶ", "ᏣᎳᎩ", "\ue000", "\x07", "Zoë\U0010fffd"])
def test_what_no_font_has_is_not_printed_at_all(name):
    with pytest.raises(NoGlyphError) as failed:
        render(prescription(patient=msgspec.structs.replace(PATIENT, first_name=name)))
    assert failed.value.fields == ["patient.firstName"]
    assert name not in str(failed.value)


LONG = {
    "digits": "9" * 100,
    "letters": "W" * 200,
    "address": "a" * 300 + "@example.com",
    "mixed": "王W" * 150,
    "thai": "ก" * 200,
}


@pytest.mark.parametrize("word", LONG.values(), ids=list(LONG))
def test_nothing_runs_off_the_page_or_into_the_next_column(word):
    place = msgspec.structs.replace(PATIENT_HOME, address_line1=word, city=word)
    rx = prescription(
        organization_name=word,
        diagnosis=word,
        shipping_address=place,
        patient=msgspec.structs.replace(PATIENT, first_name=word, last_name=word, email=word, allergies=word),
        prescriber=msgspec.structs.replace(PRESCRIBER, last_name=word, title=word, email=word, address=place),
        items=[
            msgspec.structs.replace(TABLETS, name=word, drug_id=word, direction=word, quantity=word, decision=APPROVED)
        ],
        is_signed=True,
    )
    for page in pictures(rx):
        assert page.is_blank(0, 0, 0.09, 1), "over the left margin"
        assert page.is_blank(0.91, 0, 1, 1), "over the right margin"
    (page,) = pictures(prescription(items=[msgspec.structs.replace(TABLETS, direction=None, quantity=word)]))
    # Between the column of the quantity, which has several lines now, and that of the refills.
    assert not page.is_blank(0.2, 0.41, 0.3, 0.45)
    assert page.is_blank(0.361, 0.41, 0.373, 0.45)


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
