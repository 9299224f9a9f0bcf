"""Prints docs/operations/settings.md from the settings themselves."""

from pathlib import Path
from typing import Any, get_args

import msgspec

from carelane.settings import PREFIX, Settings

_HEAD = """\
# Settings

This page is printed from `src/carelane/settings.py`. Do not edit it.

Settings are environment variables. `carelane serve` also takes `--host`, `--port`, `--workers` and `--data-dir`, and an
option wins over its variable. A value that cannot be used stops the program with one line that names the variable.

| variable | value | default | meaning |
| --- | --- | --- | --- |
"""

_FOOT = """
`carelane rotate-master-key` also reads `CARELANE_NEW_MASTER_KEY` when the present key is in `CARELANE_MASTER_KEY`; see
[key rotation](key-rotation.md). Put secrets into the environment of the service, never into a command line.
"""


def settings_page() -> str:
    rows = [_row(field) for field in msgspec.structs.fields(Settings)]
    return _HEAD + "".join(rows) + _FOOT


def _row(field: Any) -> str:
    description, limits = "", ""
    for note in get_args(field.type)[1:]:
        description, limits = note.description or "", _limits(note)
    kind = _kind(get_args(field.type)[0])
    return f"| `{PREFIX}{field.name.upper()}` | {kind}{limits} | {_default(field.default)} | {description} |\n"


def _kind(wanted: Any) -> str:
    names = {Path: "path", str: "text", int: "whole number", float: "number", bool: "`true` or `false`"}
    options = [wanted, *get_args(wanted)]
    inner = [part for option in options for part in get_args(option)]
    return next(names[option] for option in (*options, *inner) if isinstance(option, type) and option in names)


def _limits(note: msgspec.Meta) -> str:
    known = ((note.ge, "at least"), (note.gt, "above"), (note.le, "at most"))
    return "".join(f", {words} {limit:,}" for limit, words in known if limit is not None)


def _default(value: object) -> str:
    if value is None:
        return "empty"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
