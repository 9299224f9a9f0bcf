"""What is found odd about the questions of a form, and how two versions of one differ. Nothing is asked of a database."""

import pytest

from carelane.forms.catalog.schemas import AskedIfIn, AskedQuestionIn
from carelane.forms.catalog.states import find_odd
from carelane.forms.catalog.views import compare


def ask(text="Why?", kind="TEXT", **more):
    return AskedQuestionIn(text=text, type=kind, **more)


def after(index, *responses):
    return AskedIfIn(question_index=index, response=list(responses))


SMOKES = ask("Do you smoke?", "BOOLEAN")
HURTS = ask("Does it hurt?", "SINGLESELECT", options=["Often", "No"])
ODD = {
    "nothing to choose from": ([ask(kind="MULTISELECT")], [(0, "NO_OPTIONS", True)]),
    "an option twice": (
        [ask(kind="SINGLESELECT", options=["A", "B", "A"])],
        [(0, "REPEATED_OPTION", False)],
    ),
    "asks for itself": ([ask(condition=after(0, "x"))], [(0, "LATER_QUESTION", True)]),
    "asks for a later one": ([ask(condition=after(1, "true")), SMOKES], [(0, "LATER_QUESTION", True)]),
    "asks for none that is there": ([SMOKES, ask(condition=after(9_999, "x"))], [(1, "LATER_QUESTION", True)]),
    "names no response": ([SMOKES, ask(condition=after(0, " "))], [(1, "NO_RESPONSE", True)]),
    "an option that is not there": ([HURTS, ask(condition=after(0, "Sometimes"))], [(1, "NEVER_HOLDS", False)]),
    "one option that is there and one that is not": (
        [HURTS, ask(condition=after(0, "Often", "Sometimes"))],
        [(1, "MISSING_RESPONSE", False)],
    ),
    "neither yes nor no": ([SMOKES, ask(condition=after(0, "maybe"))], [(1, "NEVER_HOLDS", False)]),
    "a statement": ([ask("Read this", "STATEMENT"), ask(condition=after(0, "x"))], [(1, "ASKS_NOTHING", False)]),
    "required, and asked of nobody": (
        [SMOKES, ask(required=True, condition=after(0, "maybe"))],
        [(1, "NEVER_HOLDS", False), (1, "REQUIRED_NEVER_ASKED", False)],
    ),
    "asked of whom nobody asks": (
        [SMOKES, ask("How much?", condition=after(0, "maybe")), ask("Since when?", condition=after(1, "a lot"))],
        [(1, "NEVER_HOLDS", False), (2, "NEVER_ASKED", False)],
    ),
    "the same text, spelled otherwise": ([ask("Any pain?"), ask("any  PAIN?")], [(1, "REPEATED_TEXT", False)]),
    "a flag of a statement": ([ask("Read this", "STATEMENT", flag="Red")], [(0, "FLAG_OF_STATEMENT", True)]),
    "a statement that is carried": ([ask("Read this", "STATEMENT", carry=True)], [(0, "NOT_CARRIED", True)]),
    "a document that is carried": ([ask("Your card", "FILE", carry=True)], [(0, "NOT_CARRIED", True)]),
    "a flag of no option": (
        [ask(kind="SINGLESELECT", options=["A"], option_flags={"B": "Red"})],
        [(0, "FLAG_OF_NO_OPTION", True)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_found(name):
    questions, expected = ODD[name]
    found = find_odd(questions)
    assert [(one.question, one.code, one.stops) for one in found] == expected
    for one in found:
        assert "%" not in one.text()
        assert one.problem().field.startswith(f"questions[{one.question}].")


def test_nothing_is_odd_about_a_good_form():
    good = [
        SMOKES,
        ask("How much?", required=True, condition=after(0, "true")),
        HURTS,
        ask("Where?", condition=after(2, "Often")),
        ask("Since when?", "DATE", condition=after(3, "anything")),
        ask("Sure?", "BOOLEAN", option_flags={"false": "Unsure"}),
    ]
    assert find_odd(good) == []


def said(before, now):
    return [(one.kind, one.text, one.before, one.now) for one in compare((1, before), (2, now)).changes]


def test_versions_are_held_against_each_other_by_the_texts():
    one, two, three = ask("One"), ask("Two"), ask("Three")
    assert said([one, two], [one, two]) == []
    assert said([one, two], [one, three, two]) == [("ADDED", "Three", None, 1)]
    assert said([one, two, three], [one, three]) == [("REMOVED", "Two", 1, None)]
    assert said([one, two, three], [three, one, two]) == [("MOVED", "Three", 2, 0)]
    assert said([one, two], [one, ask("Two, or more")]) == [("CHANGED", "Two, or more", 1, 1)]


def test_what_changed_of_a_question_is_said():
    before = [HURTS, ask("Where?", condition=after(0, "Often"))]
    now = [SMOKES, HURTS, ask("Where?", required=True, condition=after(1, "Often"))]
    (added, changed) = compare((1, before), (2, now)).changes
    assert (added.kind, added.text) == ("ADDED", "Do you smoke?")
    # The condition asks for the same question, whatever its number is now.
    assert [(part.what, part.before, part.now) for part in changed.parts] == [("Required", "no", "yes")]
