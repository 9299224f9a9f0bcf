"""Doubles in the billing dialect. The vendor's own members of these two are not known."""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.phi import Phi
from carelane.patients.billing.schemas import BillingPatientOut

SameField = Literal["name", "email", "phoneNumber"]
FIELDS: tuple[SameField, ...] = ("name", "email", "phoneNumber")
# As they are read: without underscores, in lower case.
_NAMES: dict[str, SameField] = {"name": "name", "email": "email", "phonenumber": "phoneNumber"}

MAX_MERGES = 50
MAX_MERGED = 20


class DoublesOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`MergeSummary`: patients who have the same `field`, the one who was made first in the first place. `name` is the name
    together with the birth date."""

    field: SameField
    patients: list[BillingPatientOut]


class MergePatientIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`MergePatient`: the patient who stays, and the records that are the same person."""

    patient_id: RecordName
    duplicate_ids: Annotated[list[RecordName], Meta(min_length=1, max_length=MAX_MERGED)]


def broken_rules(body: list[MergePatientIn]) -> Iterator[FieldProblem]:
    """A record is merged once, and nothing is merged into one that is merged itself."""
    if not 1 <= len(body) <= MAX_MERGES:
        yield FieldProblem("", f"expected 1 to {MAX_MERGES} patients who stay")
    merged: set[str] = set()
    kept = {one.patient_id for one in body}
    for number, one in enumerate(body):
        for place, ref in enumerate(one.duplicate_ids):
            if ref in kept or ref in merged:
                yield FieldProblem(f"[{number}].duplicateIds[{place}]", "expected a patient who is named once")
            merged.add(ref)


def fields_of(text: str | None) -> tuple[tuple[SameField, ...], list[FieldProblem]]:
    """Which of the fields a caller names, separated by commas; all of them where none is named."""
    words = [word.strip().replace("_", "").lower() for word in (text or "").split(",") if word.strip()]
    known: list[SameField] = [_NAMES[word] for word in words if word in _NAMES]
    problem = FieldProblem("fields", f"expected some of {', '.join(FIELDS)}, separated by commas", "query")
    return tuple(known) or FIELDS, [] if _NAMES.keys() >= set(words) else [problem]
