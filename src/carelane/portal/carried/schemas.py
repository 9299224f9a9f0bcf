"""Carried answers on the wire."""

from datetime import datetime
from uuid import UUID

import msgspec

from carelane.kit.phi import Phi


class CarriedAnswerOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """To a question of the form's newest version, by its id there. `answer` is a list for a MULTISELECT, else a text."""

    question_id: UUID
    question: str
    type: str
    answer: str | list[str]
    answered_at: datetime


class CarriedAnswersDataOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    form_id: UUID
    answers: list[CarriedAnswerOut]


class CarriedAnswersOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    data: CarriedAnswersDataOut
