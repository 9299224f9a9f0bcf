"""Reading bodies: msgspec decodes the good ones in one pass; a bad one is looked into again to list every bad field.

Listing costs more, and is done only when the request has failed anyway. How much a body may cost is known before it is read.
"""

from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar.dto import AbstractDTO
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.web.lenient import as_meant
from carelane.web.problems import MAX_PROBLEMS, Place, Shape, list_problems, plain, shape_of, spell
from carelane.web.weight import Body, require_light

T = TypeVar("T")

# Some programs begin UTF-8 with it, and it says nothing (RFC 8259, section 8.1).
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_ESCAPED_NUL = b"\\u0000"
_BOOLEANS = {"true": True, "false": False}
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_decoders: dict[type, msgspec.json.Decoder[Any]] = {}
# Numbers with a fraction stay what they are, to the last digit, while their names are changed.
_exact_decoder = msgspec.json.Decoder(float_hook=Decimal)
# A number that is no double, such as 1e400, is infinite here, and beyond what its field takes: so the field can be named.
_read_far_out = msgspec.json.Decoder(float_hook=float)
_exact_encoder = msgspec.json.Encoder(decimal_format="number")


def decode(body: Body, wanted: type[T]) -> T:
    """The body as `wanted`. Raises InvalidRequestError that lists every missing or wrongly typed field."""
    return decode_light(light(body), wanted)


def light(body: Body) -> Body:
    """The body without what says nothing. Raises InvalidRequestError when reading it would take long."""
    body = body.removeprefix(BYTE_ORDER_MARK)
    require_light(body)
    return body


def decode_light(body: Body, wanted: type[T]) -> T:
    """As `decode`, of what `light` has let pass."""
    try:
        if _ESCAPED_NUL in body:
            _refuse_nul(body)
        return _decoder_of(wanted).decode(body)
    except _UNREADABLE as error:
        raise InvalidRequestError(problems=_problems_of(body, wanted, error)) from error


def _decoder_of(wanted: type[T]) -> msgspec.json.Decoder[T]:
    decoder = _decoders.get(wanted)
    if decoder is None:
        decoder = _decoders[wanted] = msgspec.json.Decoder(wanted)
    return decoder


def decode_either_case(body: Body, wanted: type[T]) -> T:
    """As `decode`, for bodies whose names may be camelCase or snake_case, and whose values are read as `lenient` says. Where both
    names are sent, camelCase counts.

    A body that cannot be read in full is refused: read as it is, its snake_case members would count as unknown.
    """
    # The usual body needs none of this.
    if b"_" not in body and b'""' not in body and _ESCAPED_NUL not in body:
        try:
            return _named(body, wanted, _decoder_of(wanted).decode(light(body)))
        except _UNREADABLE:
            pass
    try:
        meant = exact_json(read_as_meant(body, wanted))
    # The last: an exponent beyond those that Decimal knows.
    except (*_UNREADABLE, InvalidOperation) as error:
        raise InvalidRequestError(problems=[_unreadable(error)]) from error
    return _named(body, wanted, decode(meant, wanted))


def _named(body: Body, wanted: type[T], read: T) -> T:
    """What was read. Raises InvalidRequestError when all that was sent is misspelled: where nothing must be sent, it would be lost
    without a word."""
    fields = shape_of(wanted).fields
    if not fields or any(field.required for field in fields.values()) or read != wanted():
        return read
    sent = _exact_decoder.decode(light(body))
    if sent and not sent.keys() & shape_of(wanted).wire_names.keys():
        raise InvalidRequestError(problems=[FieldProblem("body", f"expected one of {', '.join(fields)}")])
    return read


def read_as_meant(body: Body, wanted: Any) -> Any:
    """The plain JSON values of a body, members of structs by their names on the wire, numbers with a fraction exact.

    Raises InvalidRequestError for a body that is too heavy, and what msgspec and Decimal raise for what they cannot read.
    """
    return _as_meant(_exact_decoder.decode(light(body)), shape_of(wanted))


def exact_json(raw: Any) -> bytes:
    """What `read_as_meant` read, to the last digit."""
    return _exact_encoder.encode(raw)


def _as_meant(raw: Any, shape: Shape) -> Any:
    """`raw` with the members of structs by their names on the wire; free objects stay as they are."""
    if isinstance(raw, list):
        item = None if shape.is_far_beyond(raw) else shape.item
        return raw if item is None else [_as_meant(value, item) for value in raw]
    if not isinstance(raw, dict) or shape.struct is None:
        return as_meant(raw, shape)
    named: dict[str, Any] = {}
    for name, value in raw.items():
        wire_name: str = shape.wire_names.get(name) or name
        if wire_name == name or wire_name not in raw:
            member = shape.members.get(wire_name)
            named[wire_name] = value if member is None else _as_meant(value, member)
    return named


def _refuse_nul(body: Body) -> None:
    """PostgreSQL's text cannot hold the character U+0000, so no field may."""
    problems: list[FieldProblem] = []
    _find_nul(msgspec.json.decode(body), None, problems)
    if problems:
        raise InvalidRequestError(problems=problems)


def _find_nul(raw: Any, place: Place, problems: list[FieldProblem]) -> None:
    if len(problems) >= MAX_PROBLEMS:
        return
    if isinstance(raw, str):
        if "\0" in raw:
            problems.append(FieldProblem(spell(place), "expected text without the character U+0000"))
    elif isinstance(raw, dict):
        for name, value in raw.items():
            _find_nul(name, (place, name), problems)
            _find_nul(value, (place, name), problems)
    elif isinstance(raw, list):
        for index, value in enumerate(raw):
            _find_nul(value, (place, index), problems)


def _problems_of(body: Body, wanted: Any, error: Exception) -> list[FieldProblem]:
    try:
        raw = _read_far_out.decode(body)
    except _UNREADABLE as unreadable:
        return [_unreadable(unreadable)]
    return list_problems(raw, wanted) or [FieldProblem("body", plain(error))]


def _unreadable(error: Exception) -> FieldProblem:
    why = "Number out of range" if isinstance(error, InvalidOperation) else plain(error)
    return FieldProblem("body", f"expected a JSON object in UTF-8 ({why})")


class JsonBody(AbstractDTO[msgspec.Struct]):
    """Makes Litestar hand the raw body to `read`, in place of its own two-step conversion."""

    def decode_bytes(self, value: bytes) -> Any:
        """What was read of it before, away from the event loop, or what is read now."""
        before = getattr(self.asgi_connection, "read_before", None)
        return self.read(value) if before is None else before[0]

    def read(self, body: Body) -> Any:
        """Called in another thread for large bodies. Raises InvalidRequestError."""
        return decode(body, self.wanted)

    @property
    def wanted(self) -> Any:
        return self.asgi_connection.route_handler.parsed_data_field.annotation

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
