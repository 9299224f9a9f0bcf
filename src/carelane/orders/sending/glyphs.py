"""Whether the fonts at hand have every character of a prescription. What they lack would be printed as an empty box. No I/O but
reading the fonts, once."""

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import msgspec
from fontTools.ttLib import TTCollection, TTFont

from carelane.kit.typesetting import font_folders
from carelane.pharmacies.schemas import Prescription

_COLLECTIONS = {".ttc", ".otc"}
_SUFFIXES = {".ttf", ".otf", *_COLLECTIONS}
# They show nothing themselves (Unicode: default ignorable): joiners, marks of direction, variants of the character before.
_INVISIBLE = [
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
    (0xE0000, 0xE0FFF),
]  # fmt: skip
_MOST_REMEMBERED = 10_000
_WHITE_SPACE = frozenset("\t\n\r")
# For the clinic and the pharmacy; nobody prints them.
_NOT_PRINTED = {"customFields", "orderId", "externalId", "pharmacyCode"}


class NoGlyphError(Exception):
    """Characters that no font here has. `fields` are where; the texts themselves are nobody's business."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__("characters without a glyph")
        self.fields = fields


def require_glyphs(prescription: Prescription) -> None:
    """Raises NoGlyphError."""
    printed = {name: value for name, value in msgspec.to_builtins(prescription).items() if name not in _NOT_PRINTED}
    fields = [field for field, text in _texts(printed, "") if not has_glyphs(text)]
    if fields:
        raise NoGlyphError(fields)


def has_glyphs(text: str) -> bool:
    """What belongs together, such as a letter and its accents, must be in one font."""
    return all(_is_whole(cluster) for cluster in _clusters(unicodedata.normalize("NFC", text)))


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{place}[{index}]")


def _clusters(text: str) -> Iterator[str]:
    """A character and the marks on it."""
    cluster = ""
    for character in text:
        if (
            character in _WHITE_SPACE
            or unicodedata.category(character) in {"Zs", "Zl", "Zp"}
            or _is_invisible(character)
        ):
            continue
        if cluster and not unicodedata.category(character).startswith("M"):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _is_invisible(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _INVISIBLE)


@lru_cache(maxsize=_MOST_REMEMBERED)
def _is_whole(cluster: str) -> bool:
    wanted = {ord(character) for character in cluster}
    return any(wanted <= font for font in _characters())


@cache
def _characters() -> list[frozenset[int]]:
    """Of each font; those of a collection have the same."""
    paths = [path for folder in font_folders() for path in sorted(folder.iterdir()) if path.suffix in _SUFFIXES]
    return [frozenset(_opened(path).getBestCmap() or ()) for path in paths]


def _opened(path: Path) -> TTFont:
    if path.suffix in _COLLECTIONS:
        return TTCollection(path, lazy=True).fonts[0]
    return TTFont(path, lazy=True)
