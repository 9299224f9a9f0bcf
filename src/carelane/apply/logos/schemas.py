"""`logos` of an organization file."""

import base64
import textwrap
from collections.abc import Iterator
from typing import get_args

from msgspec import UNSET, UnsetType

from carelane.apply.schemas import Entry, Problems
from carelane.kit.errors import FieldProblem
from carelane.organizations.logos import schemas
from carelane.organizations.logos.schemas import LogoIn, Use

_LINE = 100


class LogosEntry(Entry, frozen=True):
    """The pictures' files in base64, so that one file is all there is: on one line or on many. Null: no picture. What is left out stays
    as it is."""

    pages: str | UnsetType | None = UNSET
    receipts: str | UnsetType | None = UNSET

    def pictures(self) -> dict[Use, bytes | None]:
        """Of what breaks no rule, those that the file tells of."""
        return {use: None if text is None else read_picture(text) for use, text in self._said()}

    def _said(self) -> Iterator[tuple[Use, str | None]]:
        uses: tuple[Use, ...] = get_args(Use)
        for use in uses:
            text = getattr(self, use)
            if text is not UNSET:
                yield use, text

    def broken_rules(self) -> Problems:
        """Those of the page, as far as they can be told without drawing."""
        for use, text in self._said():
            try:
                body = None if text is None else LogoIn(file=read_picture(text))
            except ValueError:
                yield FieldProblem(f"logos.{use}", "expected a picture's file in base64")
                continue
            for problem in schemas.broken_rules(body) if body else ():
                yield FieldProblem(f"logos.{use}", problem.problem)


def read_picture(text: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode("".join(text.split()), validate=True)


def write_picture(content: bytes) -> str:
    return "\n".join(textwrap.wrap(base64.b64encode(content).decode(), _LINE))
