"""From checked entries to YAML that `reading.py` reads back as they are."""

import json
import re
from collections.abc import Iterator
from typing import Any

# What needs no quotes: it begins with a letter and holds nothing that YAML, of whatever version, takes for more than text.
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9 ._/@-]*[A-Za-z0-9._/@-])?", re.ASCII)
# An id is no number and no date, whatever it begins with.
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"})
# What JSON leaves as it is, and YAML takes for a line's end, or for nothing that can be printed.
_UNPRINTED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_MAX_LINE = 110
# A key before a colon may not be longer (1024 by the standard).
_MAX_KEY = 1_000


def to_yaml(value: dict[str, Any]) -> str:
    """A mapping of texts, numbers, booleans, lists and mappings."""
    return "\n".join(_mapping(value, 0)) + "\n"


def comment(text: str) -> str:
    """One line, whatever the text holds."""
    return "# " + "".join(letter if letter.isprintable() else " " for letter in text).rstrip()


def _mapping(value: dict[str, Any], depth: int) -> Iterator[str]:
    before = "  " * depth
    for key, member in value.items():
        name = _scalar(key)
        if len(name) > _MAX_KEY:
            yield f"{before}? {name}"
            name = ""
        yield from _entry(f"{before}{name}:", member, depth)


def _entry(key: str, member: Any, depth: int) -> Iterator[str]:
    """A key and what belongs to it: on the same line, or below."""
    block = _block(member, depth + 1)
    if block:
        yield f"{key} |-"
        yield from block
        return
    line = _on_one_line(member)
    if line is not None and (not isinstance(member, list) or len(key) + len(line) < _MAX_LINE):
        yield f"{key} {line}"
    elif isinstance(member, dict):
        yield key
        yield from _mapping(member, depth + 1)
    else:
        yield key
        yield from _list(member, depth + 1)


def _list(members: list[Any], depth: int) -> Iterator[str]:
    for member in members:
        # The first line of what belongs to a dash begins behind it.
        lines = list(_mapping(member, depth + 1)) if isinstance(member, dict) and member else [_flow(member)]
        yield f"{'  ' * depth}- {lines[0].lstrip()}"
        yield from lines[1:]


def _block(member: Any, depth: int) -> list[str]:
    """A text's lines, if it has some that can stand below their key as they are: nothing at their ends is lost there, nor anything in
    them read as a line's end."""
    lines = member.split("\n") if isinstance(member, str) else []
    is_plain = all(line.isprintable() and line == line.rstrip() for line in lines)
    if len(lines) < 2 or not (is_plain and lines[0] and lines[-1]) or lines[0].startswith(" "):
        return []
    return [f"{'  ' * depth}{line}" if line else "" for line in lines]


def _on_one_line(value: Any) -> str | None:
    if isinstance(value, dict):
        return None if value else "{}"
    if isinstance(value, list):
        return _flow(value) if not any(isinstance(one, dict | list) for one in value) else None
    return _scalar(value)


def _flow(value: Any) -> str:
    """A list or a mapping within one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(member)}" for key, member in value.items()) + "}"
    return f"[{', '.join(map(_flow, value))}]" if isinstance(value, list) else _scalar(value)


def _scalar(value: Any) -> str:
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    text = str(value)
    if _ID.fullmatch(text) or (_PLAIN.fullmatch(text) and text.lower() not in _WORDS):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
