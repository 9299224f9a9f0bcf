"""Whether each question of a form can be asked and answered, and what is odd about it. No I/O.

    asked always ──→ asked if an earlier question gets a response ──→ never asked: nobody gives that response, or nobody is asked

What `apply` would refuse in a file stops saving; the rest is worth a second look.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from carelane.forms.catalog.schemas import AskedIfIn, AskedQuestionIn, QuestionFindingOut
from carelane.forms.schemas import NOT_CARRIED
from carelane.kit.errors import FieldProblem
from carelane.kit.languages import N_, _

Code = Literal[
    "NO_OPTIONS", "LATER_QUESTION", "NO_RESPONSE", "FLAG_OF_STATEMENT", "FLAG_OF_NO_OPTION", "NOT_CARRIED",
    "MISSING_RESPONSE", "NEVER_HOLDS", "ASKS_NOTHING", "NEVER_ASKED", "REQUIRED_NEVER_ASKED", "REPEATED_TEXT", "REPEATED_OPTION",
]  # fmt: skip
# What is said, and the field that it is about.
_SAID: dict[Code, tuple[str, str]] = {
    "NO_OPTIONS": (N_("There is nothing to choose from: write at least one option."), "options"),
    "LATER_QUESTION": (N_("The condition asks for a question that does not come before this one."), "condition.questionIndex"),
    "NO_RESPONSE": (N_("The condition names no response, so it can never hold."), "condition.response"),
    "FLAG_OF_STATEMENT": (N_("A statement asks nothing, so it has no red flag."), "flag"),
    "FLAG_OF_NO_OPTION": (N_("A red flag is for “%(said)s”, which is none of the options."), "optionFlags"),
    "NOT_CARRIED": (N_("A statement has no answer to carry, and documents are not carried."), "carry"),
    "MISSING_RESPONSE": (N_("The condition names “%(said)s”, which cannot be answered there."), "condition.response"),
    "NEVER_HOLDS": (N_("The condition can never hold: “%(said)s” cannot be answered there."), "condition.response"),
    "ASKS_NOTHING": (N_("The condition asks for a statement, which nobody answers."), "condition.questionIndex"),
    "NEVER_ASKED": (N_("Nobody is asked this: question %(said)s, which it depends on, is never asked."), "condition.questionIndex"),
    "REQUIRED_NEVER_ASKED": (N_("It is required, and nobody can reach it."), "required"),
    "REPEATED_TEXT": (N_("Question %(said)s has the same text."), "text"),
    "REPEATED_OPTION": (N_("The option “%(said)s” is there twice."), "options"),
}  # fmt: skip
_STOPS: frozenset[Code] = frozenset(
    {"NO_OPTIONS", "LATER_QUESTION", "NO_RESPONSE", "FLAG_OF_STATEMENT", "FLAG_OF_NO_OPTION", "NOT_CARRIED"}
)
_CHOICES = frozenset({"SINGLESELECT", "MULTISELECT"})
_YES_AND_NO = frozenset({"true", "false"})


class Finding(msgspec.Struct, frozen=True):
    """`said`: what the sentence names."""

    question: int
    code: Code
    said: str = ""

    @property
    def stops(self) -> bool:
        return self.code in _STOPS

    def text(self) -> str:
        sentence = _(_SAID[self.code][0])
        return sentence % {"said": self.said} if self.said else sentence

    def problem(self) -> FieldProblem:
        return FieldProblem(f"questions[{self.question}].{_SAID[self.code][1]}", self.text())

    def show(self) -> QuestionFindingOut:
        return QuestionFindingOut(question=self.question, code=self.code, stops=self.stops, text=self.text())


def find_odd(questions: Sequence[AskedQuestionIn]) -> list[Finding]:
    """In the order of the questions."""
    reached: list[bool] = []
    found: list[Finding] = []
    for index, question in enumerate(questions):
        of_condition = list(_condition(index, questions, reached))
        reached.append(not any(finding.code != "MISSING_RESPONSE" for finding in of_condition))
        found += [*_by_itself(index, question), *of_condition]
        if question.required and not reached[-1]:
            found.append(Finding(index, "REQUIRED_NEVER_ASKED"))
        found += _repeated(index, questions)
    return found


def responses_of(condition: AskedIfIn) -> list[str]:
    sent = [condition.response] if isinstance(condition.response, str) else condition.response
    return [text for text in sent if text.strip()]


def _by_itself(index: int, question: AskedQuestionIn) -> Iterator[Finding]:
    if question.type in _CHOICES and not question.options:
        yield Finding(index, "NO_OPTIONS")
    for place, option in enumerate(question.options):
        if option in question.options[:place]:
            yield Finding(index, "REPEATED_OPTION", option)
    if question.type == "STATEMENT" and (question.flag is not None or question.option_flags):
        yield Finding(index, "FLAG_OF_STATEMENT")
    for option in question.option_flags:
        if option not in question.options and not (question.type == "BOOLEAN" and option in _YES_AND_NO):
            yield Finding(index, "FLAG_OF_NO_OPTION", option)
    if question.carry and question.type in NOT_CARRIED:
        yield Finding(index, "NOT_CARRIED")


def _condition(index: int, questions: Sequence[AskedQuestionIn], reached: Sequence[bool]) -> Iterator[Finding]:
    """Whether it can hold. `reached`: of the questions before, which can be asked."""
    condition = questions[index].condition
    if condition is None:
        return
    if condition.question_index >= index:
        yield Finding(index, "LATER_QUESTION")
        return
    asked, responses = questions[condition.question_index], responses_of(condition)
    missing = [text for text in responses if not _can_be_answered(asked, text)]
    if not responses:
        yield Finding(index, "NO_RESPONSE")
    elif asked.type == "STATEMENT":
        yield Finding(index, "ASKS_NOTHING")
    elif not reached[condition.question_index]:
        yield Finding(index, "NEVER_ASKED", str(condition.question_index + 1))
    elif len(missing) == len(responses):
        yield Finding(index, "NEVER_HOLDS", missing[0])
    else:
        yield from (Finding(index, "MISSING_RESPONSE", text) for text in missing)


def _can_be_answered(question: AskedQuestionIn, response: str) -> bool:
    if question.type in _CHOICES:
        return response in question.options
    if question.type == "BOOLEAN":
        return response.lower() in _YES_AND_NO or response in question.options
    return True


def _repeated(index: int, questions: Sequence[AskedQuestionIn]) -> Iterator[Finding]:
    text = _folded(questions[index].text)
    same = next((place for place in range(index) if _folded(questions[place].text) == text), None)
    if same is not None:
        yield Finding(index, "REPEATED_TEXT", str(same + 1))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
