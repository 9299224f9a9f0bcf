"""What the entries of an organization file have in common."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.kit.money import is_currency

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=10_000)]
Line = Annotated[str, Meta(max_length=500)]
Link = Annotated[
    str, Meta(pattern=r"^https?://\S+$", max_length=2_000, description="a URL that begins with http:// or https://")
]
# What storefronts name a record by.
Code = Annotated[str, Meta(pattern=r"^\S{1,100}$", description="1 to 100 characters without a space")]
Secret = Annotated[str, Meta(min_length=1, max_length=500)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="an ISO 4217 code such as USD")]
# More of one kind than anyone sells or asks; a file beyond it is a mistake.
MAX_ITEMS = 1_000
# Only a fast digest of a secret is kept, so it must be too long to guess: 32 characters, as `openssl rand -hex 16` gives.
MIN_SECRET_LENGTH = 32

Problems = Iterator[FieldProblem]


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Unknown keys are refused: a misspelled one would be lost silently."""


def repeated(section: str, names: Iterable[object]) -> Problems:
    seen: set[object] = set()
    for index, name in enumerate(names):
        if name is not None and name in seen:
            yield FieldProblem(f"{section}[{index}]", f"{name} stands in the file before")
        seen.add(name)


def check_currency(place: str, code: str) -> Problems:
    if not is_currency(code):
        yield FieldProblem(place, "expected an ISO 4217 code such as USD")
