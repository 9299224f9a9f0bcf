"""Bodies: what is good is decoded, and of what is not every bad field is named."""

import re
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carelane.cases.schemas import AbandonedCaseIn, CaseIn
from carelane.kit.errors import InvalidRequestError
from carelane.web.problems import MAX_PROBLEMS, list_problems
from carelane.web.wire import boolean_string, decode
from tests.cases.bodies import case_body, question, with_payment, with_questions

GOOD = with_questions(with_payment(case_body("9fc0d0f5-f211-4bf9-b105-485b1f29eb39")), question(), question(phi=True))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


class Leg(msgspec.Struct):
    knee: int
    toes: Annotated[list[str], msgspec.Meta(max_length=2)] = []


class Body(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    left_leg: Leg
    right_leg: Leg | None = None
    arms: list[Leg] | None = None
    hat: Literal["bowler", "fez"] | None = None


def places(raw, wanted=Body):
    return [problem.field for problem in list_problems(raw, wanted)]


def problems_of(content, wanted):
    """The offending fields, or None when the content is good."""
    try:
        decode(content, wanted)
    except InvalidRequestError as error:
        return [problem.field for problem in error.problems]
    return None


def all_paths(value, path=""):
    """Every place in a JSON value, its own first."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield from all_paths(inner, f"{path}[{name}]" if isinstance(value, list) else f"{path}.{name}".lstrip("."))


def replaced(value, path, new):
    """The value with what stands at `path` replaced."""
    step = STEP.match(path)
    if step is None:
        return new
    name = int(step[2]) if step[2] else step[1]
    copy = list(value) if isinstance(value, list) else dict(value)
    copy[name] = replaced(value[name], path[step.end() :], new)
    return copy


def test_every_problem_is_found_and_in_its_place():
    raw = {
        "leftLeg": {"toes": [1, "ok", 2]},
        "rightLeg": "none",
        "arms": [{"knee": 1}, {"knee": "1"}, 5],
        "hat": "cap",
        "tail": True,
    }
    assert places(raw) == [
        "leftLeg.knee", "leftLeg.toes[0]", "leftLeg.toes[2]", "rightLeg", "arms[1].knee", "arms[2]", "hat", "tail",
    ]  # fmt: skip


def test_what_is_good_has_no_problems():
    assert places({"leftLeg": {"knee": 1}}) == []
    assert list_problems(GOOD, CaseIn) == []


def test_the_whole_body_has_a_name_too():
    assert [places(raw) for raw in (None, 5, [], "x")] == [["body"]] * 4


def test_a_choice_says_what_would_be_accepted():
    (problem,) = list_problems({"leftLeg": {"knee": 1}, "hat": "cap"}, Body)
    assert "bowler, fez" in problem.problem
    assert "cap" not in problem.problem


def test_a_list_that_is_too_long_is_one_problem():
    assert places({"leftLeg": {"knee": 1, "toes": ["a", "b", "c"]}}) == ["leftLeg.toes"]


def test_at_most_a_hundred_problems():
    assert len(list_problems({"arms": [{}] * 1_000}, Body)) == MAX_PROBLEMS


@pytest.mark.parametrize("wanted", [CaseIn, AbandonedCaseIn, Body])
@given(value=JSON)
def test_any_json_is_decoded_or_an_invalid_request(value, wanted):
    assert problems_of(msgspec.json.encode(value), wanted) != []


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_an_invalid_request(content):
    with pytest.raises(InvalidRequestError):
        decode(content, CaseIn)


@given(place=st.sampled_from(list(all_paths(GOOD))), value=JSON)
def test_what_is_spoilt_in_one_place_is_reported_there(place, value):
    body = replaced(GOOD, place, value)
    # The place itself, something below it, or the rule of the struct around it.
    allowed = (place, place.rpartition(".")[0] or "body", "body")
    wrong = [field for field in problems_of(msgspec.json.encode(body), CaseIn) or [] if not field.startswith(allowed)]
    assert wrong == []


def test_nul_is_found_wherever_it_stands():
    body = {"a": ["\0", {"b\0": 1}], "c": {"d": "x\0"}}
    with pytest.raises(InvalidRequestError) as error:
        decode(msgspec.json.encode(body), CaseIn)
    assert [problem.field for problem in error.value.problems] == ["a[0]", "a[1].b\0", "c.d"]


@pytest.mark.parametrize("body", [b'{"a":"\\u0000"}', b'\xef\xbb\xbf{"a":"\\u0000"}'])
def test_a_byte_order_mark_changes_nothing(body):
    assert problems_of(body, dict[str, str]) == ["a"]
    assert decode(body.replace(b"\\u0000", b"x"), dict[str, str]) == {"a": "x"}


# ---- what a caller can make us do


def test_a_list_far_too_long_is_one_problem_whatever_it_holds():
    assert places({"leftLeg": {"knee": 1, "toes": [1] * 1_000}}) == ["leftLeg.toes"]


def test_names_that_callers_make_up_are_cut_in_answers():
    content = msgspec.json.encode({"k" * 100_000: {"l" * 100_000: ["\0"] * 1_000}})
    with pytest.raises(InvalidRequestError) as error:
        decode(content, CaseIn)
    assert len(error.value.problems) == MAX_PROBLEMS
    assert len(error.value.detail) < 100_000
    unknown = list_problems({"leftLeg": {"knee": 1}, "u" * 100_000: 1}, Body)
    assert len(unknown[0].field) < 200


def test_places_deep_inside_are_cut_too():
    deep = b'{"a":' * 500 + b'"\\u0000"' + b"}" * 500
    with pytest.raises(InvalidRequestError) as error:
        decode(deep, CaseIn)
    assert len(error.value.problems[0].field) < 200


def heavy(entry: bytes, count: int) -> bytes:
    return b'{"free":[' + b",".join([entry] * count) + b"]}"


@pytest.mark.parametrize(
    ("entry", "most"),
    [(b"1", 95_000), (b"[]", 47_000), (b"{}", 47_000), (b'{"a":1}', 31_000), (b"1e300", 180), (b"1E-320", 180), (b"1.5", 15_000)],
)  # fmt: skip
def test_a_body_of_very_many_values_is_refused_before_it_is_read(entry, most):
    # Whatever a small body holds, it is read.
    padding = b'"' + b"a" * 70_000 + b'",'
    assert problems_of(heavy(entry, most).replace(b"[", b"[" + padding, 1), dict[str, Any]) is None
    assert problems_of(heavy(entry, most + most // 5).replace(b"[", b"[" + padding, 1), dict[str, Any]) == ["body"]


@pytest.mark.parametrize("number", [b"1" * 100_000, b"1." + b"1" * 100_000, b"-1" + b"0" * 200_000])
def test_a_very_long_number_is_refused(number):
    assert problems_of(heavy(number, 1), dict[str, Any]) == ["body"]


@pytest.mark.parametrize("part", [b",[{:", b'\\"', b"\\\\", b"1e300,", b"1" * 1_100, b'\\\\\\",'])
def test_what_stands_in_texts_weighs_nothing(part):
    for shift in range(4):
        body = b'{"free":"' + b"a" * shift + part * (900_000 // len(part)) + b'"}'
        assert problems_of(body, dict[str, Any]) is None
        # And hides nothing.
        assert problems_of(body[:-1] + b',"more":' + b"[1e300]" + b"}", dict[str, Any]) is None
        assert problems_of(body[:-1] + b',"more":[' + b"1e300," * 250 + b"1]}", dict[str, Any]) == ["body"]


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False), (None, None)])
def test_booleans_in_a_query(text, value):
    assert boolean_string("flag", text) is value


@given(st.text().filter(lambda text: text not in {"true", "false"}))
def test_other_words_in_a_query_are_refused(text):
    with pytest.raises(InvalidRequestError, match="flag: expected `true` or `false`"):
        boolean_string("flag", text)
