"""One act on many cases over the wire."""

from collections.abc import Iterator
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.cases.review.schemas import Text
from carelane.kit.errors import FieldProblem

MAX_CASES = 100

BulkAct = Literal["assign", "unassign", "escalate", "deescalate", "ask"]


class BulkIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`staffId` is for `assign`, and without it the caller; `text` is the question of `ask`."""

    act: BulkAct
    case_ids: Annotated[list[UUID], Meta(min_length=1, max_length=MAX_CASES)]
    staff_id: UUID | None = None
    text: Text | None = None
    dry_run: bool = False


class BulkCaseOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`reason`: why not; null for those that can. `shortId` is null for a case that is not there."""

    case_id: UUID
    short_id: str | None
    reason: str | None = None


class BulkOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`can` are those that can be acted on, or were unless `dryRun`; `cannot` are the others."""

    dry_run: bool
    can: list[BulkCaseOut]
    cannot: list[BulkCaseOut]


def broken_rules(body: BulkIn) -> Iterator[FieldProblem]:
    if body.staff_id is not None and body.act != "assign":
        yield FieldProblem("staffId", "expected only with `assign`")
    if body.act == "ask" and body.text is None:
        yield FieldProblem("text", "expected the question")
    if body.act != "ask" and body.text is not None:
        yield FieldProblem("text", "expected only with `ask`")
    if len(set(body.case_ids)) < len(body.case_ids):
        yield FieldProblem("caseIds", "expected each case once")
