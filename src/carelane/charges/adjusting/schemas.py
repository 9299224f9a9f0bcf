"""Adjustments on the wire. `AdjustmentSummary` is in `charges/money`."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from carelane.charges.owed.schemas import Reason
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.money import MAX_CENTS
from carelane.kit.phi import Phi


class WriteOffIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`WriteOffCreate`: what is outstanding is not expected any more."""

    charge_id: RecordName
    provider_id: RecordName | None = None
    location_id: RecordName | None = None
    reason: Reason


class AdjustmentIn(WriteOffIn, frozen=True, kw_only=True):
    """`AdjustmentCreate`: above nothing what is owed more, below nothing what is owed less."""

    amount: Annotated[int, Meta(ge=-MAX_CENTS, le=MAX_CENTS)]


def adjustment_problems(body: AdjustmentIn) -> Iterator[FieldProblem]:
    """What is wrong with an adjustment by itself."""
    if body.amount == 0:
        yield FieldProblem("amount", "expected what is owed more, or with a minus what is owed less")
