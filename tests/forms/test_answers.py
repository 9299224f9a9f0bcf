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


NOTHING = [
    "", " ", "\t\n", "\u00a0", "\u200b\ufeff", "\u3164", "\u2800 ", "\u00ad", "\U000e0020", "\ufe0f", [], [""], [" ", "\u200b"], None,
]  # fmt: skip
NO_FILE = [
    {"name": "labs.pdf", "data": ""}, {"name": "labs.pdf", "data": " \n"}, {"name": "labs.pdf", "data": "===="},
    {"name": "labs.pdf", "data": "data:application/pdf;base64,"}, "data:image/png;base64,", "DATA:image/png;base64, ",
    "data:,", "data:image/png;name=a%2Cb.png;base64,====", ["", {"name": "n", "data": ""}], ["data:a/b;base64,", " "],
]  # fmt: skip


@pytest.mark.parametrize("answer", NOTHING)
@pytest.mark.parametrize("kind", QuestionType.__args__)
def test_a_required_question_must_be_answered(answer, kind):
    if kind == "STATEMENT":
        assert problems(broken_rules, answer=answer, required=True, type=kind) == []
        return
    assert problems(broken_rules, answer=answer, required=True, type=kind) == ["form.questions[0].answer"]
    assert problems(broken_rules, answer=answer, type=kind) == []
    assert problems(doubts, answer=answer, type=kind, options=["Red"]) == []


@pytest.mark.parametrize("answer", NO_FILE)
@pytest.mark.parametrize("kind", sorted(FILE_TYPES))
def test_a_file_of_zero_bytes_answers_nothing(answer, kind):
    assert problems(broken_rules, answer=answer, required=True, type=kind) == ["form.questions[0].answer"]
    assert problems(broken_rules, answer=answer, type=kind) == []


@pytest.mark.parametrize("answer", ["[]", '[""]', '[" ", "\\u200b"]'])
def test_choices_may_come_as_the_json_of_a_list(answer):
    assert problems(broken_rules, answer=answer, required=True, type="MULTISELECT") == ["form.questions[0].answer"]
    assert problems(broken_rules, answer=answer, required=True, type="TEXT") == []


@pytest.mark.parametrize(
    "answer", [".", "\u0e33", "é", "\U0001f9a0", ["", "x"], '["x"]', "0", "[", 0, False, [FILE, ""]]
)
def test_whatever_can_be_read_is_an_answer(answer):
    kind = "FILE" if isinstance(answer, list) and FILE in answer else "MULTISELECT"
    assert problems(broken_rules, answer=answer, required=True, type=kind) == []


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
        ("MULTISELECT", "Red", False),
        ("MULTISELECT", "Blue", True),
        ("MULTISELECT", '["Red","Green"]', False),
        ("MULTISELECT", '["Red","Blue"]', True),
        ("MULTISELECT", '["Red"', True),
        ("MULTISELECT", ["Red", ""], False),
        ("MULTISELECT", True, True),
        ("SINGLESELECT", ["Red"], True),
        ("TEXT", "Blue", False),
    ],
)
def test_an_answer_that_is_no_option_is_doubtful(kind, answer, is_doubtful):
    found = problems(doubts, answer=answer, type=kind, options=["Red", "Green"])
    assert found == (["form.questions[0].answer"] if is_doubtful else [])


def test_without_options_nothing_is_doubtful():
    assert problems(doubts, answer="Blue", type="SINGLESELECT") == []
    assert problems(doubts, answer=["Blue"], type="MULTISELECT", options=[]) == []


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("TEXT", ["words", "0", 5, 1.5, True], [["words"], ["a", "b"]]),
        ("SINGLESELECT", ["any", 5], [["any"]]),
        ("MULTISELECT", ["any", ["any", "other"], 5], []),
        (
            "BOOLEAN",
            [True, False, "true", "FALSE", "Yes", "no", "y", "N", " yes ", 1, 0, "1", "0"],
            ["maybe", 2, -1, 0.5, ["yes"], "yesno", "null", "truee", "[true]"],
        ),
        (
            "DATE",
            ["05/15/1990", "2/9/2024", "1990-05-15", "2024-02-29", " 1990-05-15 ", "1990-05-15T00:00:00Z", "1990-05-15T09:30:00.000+02:00"],
            ["1990-02-30", "15/05/1990", "05/15/90", "yesterday", "1990", 19900515, True, ["1990-05-15"], "1990-05-15x", "1990-13-01"],
        ),
        (
            "DATERANGE",
            [["2026-01-01", "2026-01-31"], "2026-01-01/2026-01-31", "2026-01-01 - 2026-01-31", "2026-01-01 to 2026-01-31",
             ["2026-01-01", "2026-01-01"], "2026-01-01, 2026-01-31", "01/01/2026 - 02/01/2026", "1/1/2026-2/1/2026",
             ["01/01/2026", "2026-02-01"], "2026-01-01\u20132026-01-31", "2026-01-01T00:00:00Z/2026-01-31T00:00:00Z"],
            ["2026-01-01", ["2026-01-01"], ["2026-01-31", "2026-01-01"], ["2026-01-01"] * 3, "last week", 5,
             "2026-01-01/2026-02-30", " " * 5_000 + "2026-01-01/2026-01-31x" + " " * 100_000],
        ),
        ("WIDGET_BMI", [24.5, 24, "24.5", "BMI 24"], ["high", True, ["24"]]),
        ("WIDGET_STATE_PICKER", ["NY", "ny", " PR "], ["XX", "New", 5, ["NY"], True]),
        ("WIDGET_VISIT_TYPE", ["ASYNC_TEXT_EMAIL", "SYNC_VIDEO"], ["VIDEO", "sync_video", True, ["SYNC_VIDEO"]]),
        *(
            (
                kind,
                [FILE, [FILE, FILE], "data:image/png;base64,QUJD", ["DATA:a/b,words"], "QUJD" * 20, [FILE, ""]],
                ["I have none", ["labs.pdf"], [FILE, "labs.pdf"], True, 5, "https://files.example/labs.pdf"],
            )
            for kind in sorted(FILE_TYPES)
        ),
        ("STATEMENT", ["anything", True, ["a"], None], []),
    ],
)  # fmt: skip
def test_there_is_a_rule_for_each_type(kind, right, wrong):
    def doubted(answer):
        return problems(doubts, answer=answer, type=kind, required=True) == ["form.questions[0].answer"]

    assert [answer for answer in right if doubted(answer)] == []
    assert [answer for answer in wrong if not doubted(answer)] == []


@pytest.mark.parametrize("answer", ["I have none", ["labs.pdf"], True])
def test_who_need_not_send_a_file_may_say_why(answer):
    assert problems(doubts, answer=answer, type="FILE") == []


@pytest.mark.parametrize("kind", ["BOOLEAN", "WIDGET_STATE_PICKER"])
def test_the_options_of_a_question_fit_it_whatever_its_type(kind):
    assert problems(doubts, answer="Sí", type=kind, options=["Sí", "No"]) == []


@pytest.mark.parametrize(
    "answer",
    [
        "data:image/png;base64,QUJD",
        " DATA:;BASE64,QUJD",
        ["x", 'data:a/b;name="a,b";base64,QUJD'],
        "\ufeffdata:a/b;base64 ,",
    ],
)
@pytest.mark.parametrize("kind", sorted(set(QuestionType.__args__) - FILE_TYPES))
def test_an_encoded_file_is_no_answer_in_words(kind, answer):
    assert problems(broken_rules, answer=answer, type=kind) == ["form.questions[0].answer"]


@pytest.mark.parametrize(
    "answer", ["data: sugar 110", "data", "Data:, and more", "my data:image/png;base64,QUJD", "data:base64"]
)
def test_words_about_data_are_words(answer):
    assert problems(broken_rules, answer=answer) == []
