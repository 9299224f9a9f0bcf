"""From what was typed to a body of the API, and back with what is wrong."""

from contextlib import suppress
from datetime import date
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from carelane.console.forms import Filled, Form
from carelane.console.frame import _environment
from carelane.kit.errors import ConflictError, FieldProblem, InvalidRequestError, RuleBrokenError


class Line(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    drug_name: Annotated[str, Meta(min_length=1)]
    refills: Annotated[int, Meta(ge=0, le=12)] = 0
    may_replace: bool = False


class Body(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    note: str
    on: date | None = None
    lines: list[Line] = []
    case_ids: list[str] = []


def form(**fields):
    return Form({name.replace("__", "."): text if isinstance(text, list) else [text] for name, text in fields.items()})


def test_names_are_those_of_the_wire():
    sent = {"note": "12", "on": "2026-03-02", "lines[0].drugName": "A", "lines[0].refills": "3", "caseIds": ["1", "2"]}
    sent |= {"lines[4].drugName": "B", "lines[4].mayReplace": "true", "request_key": "x", "lines[4].refills": ""}
    read = form(**sent).read(Body)
    lines = [Line(drug_name="A", refills=3), Line(drug_name="B", may_replace=True)]
    assert read == Body(note="12", on=date(2026, 3, 2), lines=lines, case_ids=["1", "2"])


def test_every_fault_is_told_at_its_field():
    with pytest.raises(InvalidRequestError) as raised:
        form(**{"note": " ", "on": "soon", "lines[0].drugName": "A", "lines[0].refills": "many"}).read(Body)
    assert {problem.field for problem in raised.value.problems} == {"note", "on", "lines[0].refills"}


@pytest.mark.parametrize(
    "name", ["lines", "lines[0]", "lines[x].drugName", "lines[0].drugName.more", "[0]", ".", "note.a", "note[0]"]
)
def test_names_that_no_page_of_ours_has_are_refused_or_left_out(name):
    with suppress(InvalidRequestError):
        assert form(**{"note": "x", name: "y"}).read(Body) == Body(note="x")


def test_a_refusal_keeps_what_was_typed():
    sent = form(note="long text", on="soon")
    back = sent.refused(
        RuleBrokenError(problems=[FieldProblem("on", "expected a date"), FieldProblem("body", "too much")])
    )
    assert back.get("note") == "long text"
    assert (back.problems, back.general, back.status) == ({"on": "expected a date"}, ["too much"], 422)
    assert form(note="x").refused(ConflictError("it was decided")).status == 409


def test_what_people_wrote_is_escaped():
    bad = "<script>alert(1)</script>"
    filled = Filled({"note": [bad]}, {"note": bad}, [bad], 422)
    source = '{% import "parts.html" as p with context %}{{ p.summary(form) }}{{ p.area("note", "Note") }}'
    html = _environment().from_string(source).render(form=filled)
    assert bad not in html
    assert html.count("&lt;script&gt;") == 4
