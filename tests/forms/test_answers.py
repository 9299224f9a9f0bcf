"""Answers as text, and the rules and doubts about them, one question at a time."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carelane.forms.schemas import FILE_TYPES, FileIn, FormIn, QuestionType, answer_text, broken_rules, doubts

FILE = {"name": "labs.pdf", "data": "eA=="}


def form_of(**question):
    raw = {"questions": [{"question": "Which?", "type": "TEXT", "answer": "x", **question}]}
    return msgspec.convert(raw, FormIn)


def problems(check, **question):
    return [problem.field for problem in check(form_of(**question), "form")]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("138 lbs", "138 lbs"),
        ("", ""),
        (None, ""),
        (msgspec.UNSET, ""),
        (True, "true"),
        (False, "false"),
        (138, "138"),
        (61.5, "61.5"),
        ([], "[]"),
        (["a", 'b"'], '["a","b\\""]'),
        (FileIn(name="labs.pdf", data=""), "labs.pdf"),
        ([FileIn(name="labs.pdf", data=""), "none"], '["labs.pdf","none"]'),
    ],
)
def test_an_answer_as_text(answer, text):
    assert answer_text(answer) == text


@given(st.lists(st.text()))
def test_choices_can_be_read_back(choices):
    assert msgspec.json.decode(answer_text(choices)) == choices


def test_every_type_but_a_statement_wants_an_answer():
    for kind in QuestionType.__args__:
        raw = {"questions": [{"question": "Which?", "type": kind}]}
        if kind == "STATEMENT":
            msgspec.convert(raw, FormIn)
        else:
            with pytest.raises(msgspec.ValidationError, match="answer is required"):
                msgspec.convert(raw, FormIn)


@pytest.mark.parametrize("answer", ["", [], None])
def test_a_required_question_must_be_answered(answer):
    assert problems(broken_rules, answer=answer, required=True) == ["form.questions[0].answer"]
    assert problems(broken_rules, answer=answer) == []
    assert problems(broken_rules, answer=answer, required=True, type="STATEMENT") == []


@pytest.mark.parametrize("answer", [False, 0, "no", ["x"]])
def test_false_and_zero_are_answers(answer):
    assert problems(broken_rules, answer=answer, required=True, type="BOOLEAN") == []


@pytest.mark.parametrize("answer", [FILE, [FILE], ["x", FILE]])
@pytest.mark.parametrize("kind", QuestionType.__args__)
def test_files_are_taken_for_questions_that_ask_for_them(kind, answer):
    expected = [] if kind in FILE_TYPES else ["form.questions[0].answer"]
    assert problems(broken_rules, answer=answer, type=kind) == expected


def test_a_question_must_not_be_blank():
    assert problems(broken_rules, question=" \n") == ["form.questions[0].question"]


@pytest.mark.parametrize(
    ("kind", "answer", "is_doubtful"),
    [
        ("SINGLESELECT", "Red", False),
        ("SINGLESELECT", "Blue", True),
        ("SINGLESELECT", "", False),
        ("SINGLESELECT", None, False),
        ("MULTISELECT", ["Red", "Green"], False),
        ("MULTISELECT", ["Red", "Blue"], True),
        ("MULTISELECT", [], False),
        ("MULTISELECT", "Red, Blue", False),
        ("TEXT", "Blue", False),
    ],
)
def test_an_answer_that_is_no_option_is_doubtful(kind, answer, is_doubtful):
    found = problems(doubts, answer=answer, type=kind, options=["Red", "Green"])
    assert found == (["form.questions[0].answer"] if is_doubtful else [])


def test_without_options_nothing_is_doubtful():
    assert problems(doubts, answer="Blue", type="SINGLESELECT") == []
    assert problems(doubts, answer=["Blue"], type="MULTISELECT", options=[]) == []
