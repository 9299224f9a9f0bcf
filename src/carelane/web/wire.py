"""Reading bodies: msgspec decodes the good ones in one pass; a bad one is walked again to list every bad field.

msgspec stops at the first fault. Callers want all of them at once, so `decode` falls back to `list_problems`, which costs
more and runs only when the request has failed anyway.
"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar.dto import AbstractDTO
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition
from msgspec.structs import FieldInfo

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid

T = TypeVar("T")

# More problems than this help nobody, and the answer must stay small whatever was sent.
MAX_PROBLEMS = 100

_EXPECTED = {
    "Invalid RFC3339 encoded date": "expected a calendar date as YYYY-MM-DD",
    "Invalid RFC3339 encoded datetime": "expected a moment such as 2026-03-02T09:30:00Z",
    "Invalid decimal string": "expected a number",
}
_BOOLEANS = {"true": True, "false": False}
_decoders: dict[type, msgspec.json.Decoder[Any]] = {}
# Numbers with a fraction stay what they are, to the last digit, while their names are changed.
_exact_decoder = msgspec.json.Decoder(float_hook=Decimal)
_exact_encoder = msgspec.json.Encoder(decimal_format="number")


def decode(body: bytes, wanted: type[T]) -> T:
    """The body as `wanted`. Raises InvalidRequestError that lists every missing or wrongly typed field."""
    decoder = _decoders.get(wanted)
    if decoder is None:
        decoder = _decoders[wanted] = msgspec.json.Decoder(wanted)
    try:
        if b"\\u0000" in body:
            _refuse_nul(body)
        return decoder.decode(body)  # type: ignore[no-any-return]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequestError(problems=_problems_of(body, wanted, error)) from error


def decode_either_case(body: bytes, wanted: type[T]) -> T:
    """As `decode`, for bodies whose names may be camelCase or snake_case. Where both are sent, camelCase counts.

    A body that cannot be read in full is refused: read as it is, its snake_case members would count as unknown.
    """
    if b"_" not in body:
        return decode(body, wanted)
    try:
        named = exact_json(read_with_wire_names(body, wanted))
    # The last: an exponent beyond those that Decimal knows.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, InvalidOperation) as error:
        raise InvalidRequestError(problems=[_unreadable(error)]) from error
    return decode(named, wanted)


def read_with_wire_names(body: bytes, wanted: Any) -> Any:
    """The plain JSON values of a body, members of structs by their names on the wire, numbers with a fraction exact."""
    return _with_wire_names(_exact_decoder.decode(body), wanted)


def exact_json(raw: Any) -> bytes:
    """What `read_with_wire_names` read, to the last digit."""
    return _exact_encoder.encode(raw)


def _with_wire_names(raw: Any, wanted: Any) -> Any:
    """`raw` with the members of structs by their names on the wire; free objects stay as they are."""
    struct, item = parts(wanted)
    if item is not None and isinstance(raw, list):
        return [_with_wire_names(value, item) for value in raw]
    if struct is None or not isinstance(raw, dict):
        return raw
    fields: dict[str, FieldInfo] = {str(field.encode_name): field for field in fields_of(struct)}
    by_either: dict[str, str] = {str(field.name): name for name, field in fields.items()} | {
        name: name for name in fields
    }
    named: dict[str, Any] = {}
    for name, value in raw.items():
        wire_name = by_either.get(name) or str(name)
        if wire_name == name or wire_name not in raw:
            named[wire_name] = _with_wire_names(value, fields[wire_name].type) if wire_name in fields else value
    return named


def _refuse_nul(body: bytes) -> None:
    """PostgreSQL's text cannot hold the character U+0000, so no field may."""
    problems: list[FieldProblem] = []
    _find_nul(msgspec.json.decode(body), "", problems)
    if problems:
        raise InvalidRequestError(problems=problems[:MAX_PROBLEMS])


def _find_nul(raw: Any, path: str, problems: list[FieldProblem]) -> None:
    if isinstance(raw, str) and "\0" in raw:
        problems.append(FieldProblem(path or "body", "expected text without the character U+0000"))
    elif isinstance(raw, dict):
        for name, value in raw.items():
            _find_nul(name, f"{path}.{name}" if path else name, problems)
            _find_nul(value, f"{path}.{name}" if path else name, problems)
    elif isinstance(raw, list):
        for index, value in enumerate(raw):
            _find_nul(value, f"{path}[{index}]", problems)


def _problems_of(body: bytes, wanted: Any, error: Exception) -> list[FieldProblem]:
    try:
        raw = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as unreadable:
        return [_unreadable(unreadable)]
    return list_problems(raw, wanted) or [FieldProblem("body", plain(error))]


def _unreadable(error: Exception) -> FieldProblem:
    why = "Number out of range" if isinstance(error, InvalidOperation) else plain(error)
    return FieldProblem("body", f"expected a JSON object in UTF-8 ({why})")


def list_problems(raw: Any, wanted: Any) -> list[FieldProblem]:
    """Every place where `raw` (plain JSON values) does not fit the type `wanted`, at most MAX_PROBLEMS of them."""
    problems: list[FieldProblem] = []
    _walk(raw, wanted, "", problems)
    return problems[:MAX_PROBLEMS]


def _walk(raw: Any, wanted: Any, path: str, problems: list[FieldProblem]) -> None:
    if len(problems) >= MAX_PROBLEMS:
        return
    before = len(problems)
    struct, item = parts(wanted)
    if struct is not None and isinstance(raw, dict):
        _walk_struct(raw, struct, path, problems)
    elif item is not None and isinstance(raw, list):
        for index, value in enumerate(raw):
            _walk(value, item, f"{path}[{index}]", problems)
    if len(problems) == before:
        # Either a leaf, or a struct whose fields are good each for itself: what is left is its own rule or length.
        try:
            msgspec.convert(raw, wanted)
        except (msgspec.ValidationError, RecursionError) as error:
            problems.append(_own_rule_problem(struct, path, _message(error, wanted)))


def _message(error: Exception, wanted: Any) -> str:
    """msgspec's message, made to say what would be accepted."""
    return in_words(plain(error), wanted)


def in_words(text: str, wanted: Any) -> str:
    """msgspec's `text` about a value of the type `wanted`; for a choice it would repeat the wrong value."""
    if text.startswith("Invalid enum value"):
        return f"expected one of {', '.join(_choices(msgspec.inspect.type_info(wanted)))}"
    return _EXPECTED.get(text, text)


def _choices(info: msgspec.inspect.Type) -> Iterator[str]:
    if isinstance(info, msgspec.inspect.LiteralType):
        yield from map(str, info.values)
    elif isinstance(info, msgspec.inspect.UnionType):
        for option in info.types:
            yield from _choices(option)
    elif isinstance(info, msgspec.inspect.ListType):
        yield from _choices(info.item_type)
    elif isinstance(info, msgspec.inspect.Metadata):
        yield from _choices(info.type)


def _own_rule_problem(struct: type[msgspec.Struct] | None, path: str, message: str) -> FieldProblem:
    """A struct's own rule (`__post_init__`) names its field in the first word: `answer is required`."""
    names = {field.encode_name for field in fields_of(struct)} if struct is not None else set()
    name = message.split(" ", maxsplit=1)[0]
    if name in names:
        path = f"{path}.{name}" if path else name
    return FieldProblem(path or "body", message)


def _walk_struct(raw: dict[str, Any], struct: type[msgspec.Struct], path: str, problems: list[FieldProblem]) -> None:
    fields = fields_of(struct)
    for field in fields:
        _walk_field(raw, field, path, problems)
    if struct.__struct_config__.forbid_unknown_fields:
        known = [field.encode_name for field in fields]
        for name in [name for name in raw if name not in known]:
            place = f"{path}.{name}" if path else str(name)
            problems.append(FieldProblem(place, f"unknown; expected one of {', '.join(known)}"))


def _walk_field(raw: dict[str, Any], field: FieldInfo, path: str, problems: list[FieldProblem]) -> None:
    name = f"{path}.{field.encode_name}" if path else field.encode_name
    if field.encode_name in raw:
        _walk(raw[field.encode_name], field.type, name, problems)
    elif field.required:
        problems.append(FieldProblem(name, f"{field.encode_name} is required"))


@cache
def fields_of(struct: type[msgspec.Struct]) -> tuple[FieldInfo, ...]:
    """The fields of the struct. Looked up once: msgspec evaluates its annotations each time."""
    return msgspec.structs.fields(struct)


@cache
def parts(wanted: Any) -> tuple[type[msgspec.Struct] | None, Any]:
    """The struct, and the list item, that a type such as `Annotated[list[X], …] | None` can hold.

    Unions of several structs are left to msgspec, which says which one it took.
    """
    info = msgspec.inspect.type_info(wanted)
    while isinstance(info, msgspec.inspect.Metadata):
        info = info.type
    options = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    plain_options = [option.type if isinstance(option, msgspec.inspect.Metadata) else option for option in options]
    structs = [option.cls for option in plain_options if isinstance(option, msgspec.inspect.StructType)]
    lists = [option for option in plain_options if isinstance(option, msgspec.inspect.ListType)]
    return (structs[0] if len(structs) == 1 else None), (_item_type(wanted) if len(lists) == 1 else None)


def _item_type(wanted: Any) -> Any:
    """The X of the first `list[X]` inside a type, however it is wrapped."""
    if getattr(wanted, "__origin__", None) is list:
        return wanted.__args__[0]
    for inner in getattr(wanted, "__args__", ()) or ():
        found = _item_type(inner)
        if found is not None:
            return found
    origin = getattr(wanted, "__origin__", None)
    return _item_type(origin) if origin is not None and origin is not wanted and not isinstance(origin, type) else None


def plain(error: Exception) -> str:
    """msgspec's message without its path, which the problem carries in its own member."""
    return str(error).split(" - at `")[0]


class JsonBody(AbstractDTO[msgspec.Struct]):
    """Makes Litestar hand the raw body to `decode`, in place of its own two-step conversion."""

    def decode_bytes(self, value: bytes) -> Any:
        field = self.asgi_connection.route_handler.parsed_data_field
        return decode(value, field.annotation)

    @classmethod
    def create_for_field_definition(cls, field_definition: FieldDefinition, *_: Any, **__: Any) -> None:
        """Nothing to prepare: the annotation is the type."""

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,  # noqa: ARG003 - the base class's signature
        schema_creator: Any,
    ) -> Reference | Schema:
        return schema_creator.for_field_definition(field_definition)  # type: ignore[no-any-return]

    @classmethod
    def generate_field_definitions(cls, model_type: type[Any]) -> Any:  # noqa: ARG003
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:  # noqa: ARG003
        return False


def boolean_string(name: str, text: str | None) -> bool | None:
    """A query parameter that spells a boolean; None when it was not sent. Raises InvalidRequestError."""
    if text is None or text in _BOOLEANS:
        return _BOOLEANS.get(text or "")
    raise InvalidRequestError(problems=[FieldProblem(name, "expected `true` or `false`")])


def uuid_string(name: str, text: str | None) -> UUID | None:
    """A query parameter that spells a UUID; None when it was not sent. Raises InvalidRequestError."""
    found = None if text is None else parse_uuid(text)
    if text is not None and found is None:
        raise InvalidRequestError(problems=[FieldProblem(name, "expected a UUID")])
    return found
