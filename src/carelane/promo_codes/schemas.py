"""Promo codes on the wire."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


class NamedCode(msgspec.Struct, frozen=True):
    """A code in a body: where it stands, and how it is compared."""

    place: str
    key: str


class DiscountOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Exactly one of the two is there."""

    flat_discount: float | UnsetType = UNSET
    percent_discount: float | UnsetType = UNSET


class DiscountsOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`data` is empty for a code that is not good."""

    success: bool = True
    data: list[DiscountOut]


def key_of(code: str) -> str:
    """How codes are compared: as people type them, in whatever case."""
    return code.strip().lower()


def named_codes(sent: Any) -> list[NamedCode]:
    """The codes in `promoCodes` of a body: an object's values, a list's members, or both."""
    return [code for code in _named("promoCodes", sent) if code.key]


def _named(place: str, sent: Any) -> Iterator[NamedCode]:
    if isinstance(sent, str):
        yield NamedCode(place, key_of(sent))
    elif isinstance(sent, dict):
        for name, value in sent.items():
            yield from _named(f"{place}.{name}", value)
    elif isinstance(sent, list):
        for index, value in enumerate(sent):
            yield from _named(f"{place}[{index}]", value)
