"""Payment mediums on the wire."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.kit.texts import is_blank

# As names of records: it is one step of a URL's path.
MediumName = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^(?!\.{1,2}$)[^/\x00-\x1f\x7f]+$(?!\n)")]


class MediumOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PaymentMediumDetail`. Those of the system are as old as the organization."""

    name: str
    is_system: bool
    is_archived: bool
    created_date: datetime
    updated_date: datetime | None = None


class MediumIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PaymentMediumCreate`."""

    name: MediumName


class MediumPatch(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PaymentMediumUpdate`. What is absent or null stays as it is."""

    name: MediumName | None = None
    is_archived: bool | None = None


def broken_rules(body: MediumIn | MediumPatch) -> Iterator[FieldProblem]:
    if body.name is not None and is_blank(body.name):
        yield FieldProblem("name", "expected a word, not blank")


def key_of(name: str) -> str:
    """In which names are compared: nobody tells `Venmo` from `VENMO`, or `CARE_CREDIT` from `Care Credit`."""
    return "_".join(name.replace("_", " ").casefold().split())
