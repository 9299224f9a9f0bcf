"""Red flags and changes of a case on the wire, and the records they are made of."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from carelane.case_detail.schemas import SealedText
from carelane.forms.schemas import Flags
from carelane.kit.phi import Phi
from carelane.payments.states import Stage, Status

# QUESTION: any answer but a no is one; OPTION: this answer is.
FlagKind = Literal["QUESTION", "OPTION"]


class FlagOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`text` is the clinic's, from the organization file; `answerId` names the answer in the case's `responses`."""

    kind: FlagKind
    text: str
    question: str
    answer: str
    answer_id: UUID


class ChangeOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`before` is null for a question that was not asked last time, where that is told; `difference` is there for two numbers."""

    question: str
    before: str
    now: str
    difference: str | None
    answer_id: UUID


class PreviousCaseOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    short_id: str
    created_at: datetime


class HealthOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What the patient's record says, and what the answers of this case do; null: nobody said anything."""

    allergies: str | None
    allergies_answered: str | None
    medications: str | None
    medications_answered: str | None
    conditions: str | None
    # The first number that was answered to a question about one's weight, and not about the weight one wishes for.
    weight_answered: str | None


class ChartOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`previousCase`: the person's newest earlier case that asked one of the same questions. `sameCount`: how many answers are
    the same as there."""

    flags: list[FlagOut]
    previous_case: PreviousCaseOut | None
    changes: list[ChangeOut]
    same_count: int
    health: HealthOut


# ---- records


class FlaggedQuestion(msgspec.Struct, frozen=True):
    text: str
    flags: Flags


class Told(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """An answer as flags are raised by it."""

    id: UUID
    question: str
    type: str
    text: str | SealedText


class ToldOfCase(Told, frozen=True, kw_only=True):
    case_id: UUID


class FlaggedAnswers(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Of several cases, still sealed: what was answered to questions that have flags."""

    questions: list[FlaggedQuestion]
    answers: list[ToldOfCase]


class EarlierAnswer(Phi, msgspec.Struct, frozen=True):
    id: UUID
    question: str
    text: str | SealedText | None


class EarlierCase(Phi, msgspec.Struct, frozen=True):
    id: UUID
    short_id: str
    created_at: datetime
    answers: list[EarlierAnswer]


class PanelPayment(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A payment as the page of its case shows it."""

    id: UUID
    description: str | None
    amount_cents: int
    captured_cents: int
    refunded_cents: int
    currency: str
    status: Status
    stage: Stage
    created_at: datetime
    paid_at: datetime | None
    hold_ends_at: datetime | None


class Beside(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a case's page shows beside the case itself, still sealed."""

    patient_id: UUID
    chart: str | None
    flagged: list[FlaggedQuestion]
    previous: EarlierCase | None
    payments: list[PanelPayment]
