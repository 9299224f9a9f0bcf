"""CSV that people open in a spreadsheet. No I/O."""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal

# A spreadsheet would run what begins so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(rows: Iterable[Iterable[object]]) -> str:
    """A line for each row. None is an empty cell; numbers stay numbers, text that a spreadsheet would run is quoted."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if value is None or isinstance(value, int | float | Decimal):
        return "" if value is None else value
    said = str(value).replace("\0", "")
    return f"'{said}" if said.startswith(_FORMULA) else said
