"""Templates on the wire, and their rules."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.cases.review.schemas import MAX_MEDICATIONS, MAX_REFILLS, Outcome, Text
from carelane.cases.schemas import MedicationIn
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi

MAX_NAME_CHARACTERS = 100
MAX_TEMPLATES = 500
MAX_VALID_DAYS = 3_660

Kind = Literal["REPLY", "DECISION"]
Scope = Literal["MINE", "CLINIC"]
Variable = Literal["firstName", "lastName", "product", "clinician", "clinic", "today"]
VARIABLES: tuple[Variable, ...] = get_args(Variable)
VARIABLE = re.compile(r"\{([A-Za-z][A-Za-z_]{0,40})\}")


class ContentIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of a reply only `text`. `validDays` counts from the day of the decision."""

    text: Text | None = None
    outcome: Outcome | None = None
    category: Annotated[str, Meta(max_length=200)] | None = None
    valid_days: Annotated[int, Meta(ge=1, le=MAX_VALID_DAYS)] | None = None
    med_info: Annotated[list[MedicationIn], Meta(max_length=MAX_MEDICATIONS)] = []


class TemplateIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`productId`: for cases of that product only."""

    kind: Kind
    scope: Scope = "MINE"
    name: Annotated[str, Meta(pattern=r"\S", max_length=MAX_NAME_CHARACTERS)]
    product_id: UUID | None = None
    content: ContentIn


class TemplateOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    kind: Kind
    scope: Scope
    name: str
    product_id: UUID | None
    content: ContentIn
    created_at: datetime
    updated_at: datetime


class TemplatesOut(msgspec.Struct, frozen=True):
    templates: list[TemplateOut]


class FilledOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What would stand in the form: the content with its variables filled in."""

    id: UUID
    name: str
    product_id: UUID | None
    content: ContentIn


def broken_rules(body: TemplateIn) -> Iterator[FieldProblem]:
    yield from _broken_kind(body)
    yield from _broken_medicines(body.content)
    for place, text in texts_of(body.content):
        if set(VARIABLE.findall(text)) - set(VARIABLES):
            known = ", ".join(f"{{{name}}}" for name in VARIABLES)
            yield FieldProblem(f"content.{place}", f"expected no other variables than {known}")


def _broken_kind(body: TemplateIn) -> Iterator[FieldProblem]:
    content = body.content
    of_decision = {
        "outcome": content.outcome,
        "category": content.category,
        "validDays": content.valid_days,
        "medInfo": content.med_info,
    }
    if body.kind == "DECISION":
        if content.text is None and not any(of_decision.values()):
            yield FieldProblem("content", "expected a text, an outcome, medicines or days of validity")
        return
    if content.text is None:
        yield FieldProblem("content.text", "expected what the reply says")
    for name, value in of_decision.items():
        if value:
            yield FieldProblem(f"content.{name}", "expected none: only the template of a DECISION has it")


def _broken_medicines(content: ContentIn) -> Iterator[FieldProblem]:
    if content.outcome not in {None, "APPROVED"} and content.med_info:
        yield FieldProblem("content.medInfo", "expected none: only an approval prescribes")
    for index, medication in enumerate(content.med_info):
        place = f"content.medInfo[{index}]"
        if not medication.medicine.strip():
            yield FieldProblem(f"{place}.medicine", "expected the name of a medicine, not blank")
        if medication.refill_count is not None and not 0 <= medication.refill_count <= MAX_REFILLS:
            yield FieldProblem(f"{place}.refillCount", f"expected a number from 0 to {MAX_REFILLS}")


def texts_of(content: ContentIn) -> Iterator[tuple[str, str]]:
    """Every text that may hold variables, with its place."""
    if content.text is not None:
        yield "text", content.text
    for index, medication in enumerate(content.med_info):
        if medication.pharmacy_instructions is not None:
            yield f"medInfo[{index}].pharmacyInstructions", medication.pharmacy_instructions
        if medication.order_note is not None:
            yield f"medInfo[{index}].orderNote", medication.order_note
