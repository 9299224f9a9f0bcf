"""A patient's cases, and the messages in one, on the wire."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.cases.states import CaseStatus
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi
from carelane.kit.texts import is_blank

MAX_TEXT_CHARACTERS = 10_000
MAX_CASES = 100
MAX_MESSAGES = 500


class MessageIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    text: Annotated[str, Meta(max_length=MAX_TEXT_CHARACTERS)]


class OwnCaseOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`isWaitingForYou`: a question of the clinic has no answer yet."""

    id: UUID
    short_id: str
    title: str
    status: CaseStatus
    is_archived: bool
    is_waiting_for_you: bool
    created_at: datetime
    updated_at: datetime


class MessageAuthorOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    first_name: str | None
    last_name: str | None


class CaseMessageOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`from` says who wrote; `author` is null where the clinic's system did."""

    id: UUID
    text: str
    from_: Literal["PATIENT", "CLINIC"] = msgspec.field(name="from")
    author: MessageAuthorOut | None
    created_at: datetime


class OwnCasesOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    cases: list[OwnCaseOut]


class OwnCasesAnswerOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    data: OwnCasesOut


class CaseMessagesOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    messages: list[CaseMessageOut]


class CaseMessagesAnswerOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    data: CaseMessagesOut


class CaseMessageAnswerOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    data: CaseMessageOut


def message_problems(body: MessageIn) -> Iterator[FieldProblem]:
    if is_blank(body.text):
        yield FieldProblem("text", "expected words that can be read")
