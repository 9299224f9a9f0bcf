"""What callers of the billing dialect may write otherwise than its types say, because the vendor's server reads it too.

An empty text where there may be none is no value; a number may be a text, and a whole one may be written with a point; one of a
set of words may be in any case, with underscores or without; a day stands for its midnight. Whatever is none of these stays as it is, and is refused.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar.types import Scope
from msgspec import inspect

from carelane.web.problems import Shape, letters_of, shape_of

# As JSON writes numbers, but for exponents: what is longer is none that any field takes.
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TO_THE_MINUTE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII)
_MIDNIGHT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]00:00(:00(\.0+)?)?(Z|[+-]00:00)?", re.ASCII)
_BOOLEANS = {"true": True, "false": False}
_WHOLE_DIGITS = 18


def as_meant(value: Any, shape: Shape) -> Any:
    """A value from a body as `shape` has it, or as it is."""
    if isinstance(value, str):
        return _text_as_meant(value, shape)
    if isinstance(value, Decimal) and shape.takes(inspect.IntType) and not shape.takes(inspect.FloatType):
        return _whole(value)
    return value


def _text_as_meant(text: str, shape: Shape) -> Any:
    if text == "" and shape.takes(inspect.NoneType):
        return None
    if shape.takes(inspect.StrType):
        return text
    if shape.words:
        return _word(text, shape)
    if shape.takes(inspect.BoolType):
        return _BOOLEANS.get(text.casefold(), text)
    if shape.takes(inspect.IntType, inspect.FloatType, inspect.DecimalType):
        return _number(text, shape)
    return _in_time(text, shape)


def _in_time(text: str, shape: Shape) -> str:
    if shape.takes(inspect.DateTimeType):
        return _moment(text)
    midnight = _MIDNIGHT.fullmatch(text) if shape.takes(inspect.DateType) else None
    return midnight[1] if midnight else text


def _word(text: str, shape: Shape) -> str:
    return shape.words.get(text) or shape.words.get(letters_of(text), text)


def _number(text: str, shape: Shape) -> Any:
    if _NUMBER.fullmatch(text) is None:
        return text
    number = Decimal(text)
    return number if shape.takes(inspect.FloatType, inspect.DecimalType) else _whole(number)


def _whole(number: Decimal) -> Any:
    is_whole = number.is_finite() and number.adjusted() < _WHOLE_DIGITS and number == number.to_integral_value()
    return int(number) if is_whole else number


def _moment(text: str) -> str:
    """Without an offset: what zone it is in, the field knows."""
    if _DAY.fullmatch(text):
        return f"{text}T00:00:00"
    short = _TO_THE_MINUTE.fullmatch(text)
    return f"{short[1]}:00{short[2] or ''}" if short else text


def read_query(scope: Scope, parameters: Iterable[tuple[str, Any]]) -> None:
    """Rewrites the query of a request as it was meant; `parameters` are names and types of those that the route has."""
    sent = scope["query_string"]
    if not sent:
        return
    shapes = {name: _query_shape(wanted) for name, wanted in parameters}
    pairs = parse_qsl(sent.decode("latin-1"), keep_blank_values=True, errors="surrogateescape")
    meant = [(name, _in_query(text, shapes.get(name))) for name, text in pairs if text or name not in shapes]
    if meant != pairs:
        scope["query_string"] = urlencode(meant, errors="surrogateescape").encode("latin-1")


def _in_query(text: str, shape: Shape | None) -> str:
    if shape is None:
        return text
    item = shape.item or shape
    if item.words:
        return _word(text, item)
    if item.takes(inspect.IntType, inspect.FloatType) and _NUMBER.fullmatch(text) is None:
        # Read as a number, 1e0 would be one.
        return f"no number: {text}"
    return _moment(text) if item.takes(inspect.DateTimeType) else text


@cache
def _query_shape(wanted: Any) -> Shape:
    return shape_of(wanted)
