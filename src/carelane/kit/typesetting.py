"""Documents as PDF, by typst: one compiler for each template, kept for the life of the process, and the one thread it works in."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import typst

# Packages that bring fonts and nothing else: Noto Sans for most scripts of the world, and for Chinese, Japanese, Korean.
_FONT_PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")

WhatT = TypeVar("WhatT")
MadeT = TypeVar("MadeT")


def font_folders() -> list[Path]:
    specs = [find_spec(name) for name in _FONT_PACKAGES]
    return [Path(place) for spec in specs if spec for place in spec.submodule_search_locations or ()]


def compiled(template: Path, inputs: dict[str, str], made_at: datetime) -> bytes:
    """The PDF. The same inputs at the same moment always give the same bytes. To be called in the typesetter."""
    pdf = kept_compiler(template).compile(format="pdf", sys_inputs=inputs, timestamp=made_at)
    assert isinstance(pdf, bytes)
    return pdf


def can_typeset(template: Path, inputs: dict[str, str], made_at: datetime) -> bool:
    """Whether it becomes a document. To be called in the typesetter."""
    try:
        compiled(template, inputs, made_at)
    except typst.TypstError:
        return False
    return True


async def in_typesetter(render: Callable[[WhatT], MadeT], what: WhatT) -> MadeT:
    """Renders in the typesetter's thread, whose compilers serve one at a time, and lets others work meanwhile."""
    return await asyncio.get_running_loop().run_in_executor(_typesetter(), render, what)


@cache
def _typesetter() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "typesetter")


@cache
def kept_compiler(template: Path) -> typst.Compiler:
    """Holds the parsed template and the fonts, those that come with us only."""
    return typst.Compiler(template, font_paths=_fonts())


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(font_folders()))
