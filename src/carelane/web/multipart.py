"""Bodies that may come as a form (multipart/form-data) where JSON is meant."""

import base64
from typing import Any

import msgspec
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import RequestKey, read_key
from carelane.web.problems import shape_of
from carelane.web.routes import ActorRequest
from carelane.web.weight import Body

MAX_PARTS = 200
MEDIA_TYPE = "multipart/form-data"


class FormOrJsonBody(EitherCaseBody):
    """Reads a form or JSON into the same struct. A handler that uses it sets `opt["form"]`, for the document."""

    def read(self, body: Body) -> Any:
        media_type, options = parse_options_header(self.asgi_connection.headers.get("content-type", ""))
        is_form = media_type == MEDIA_TYPE
        return super().read(form_as_json(body, options.get("boundary", ""), self.wanted) if is_form else body)


async def key_of_form(request: ActorRequest, body: msgspec.Struct) -> RequestKey | None:
    """The request key of what may have come as a form, which has another boundary each time it is sent; what it says is the same."""
    request_key = await read_key(request)
    return request_key and msgspec.structs.replace(request_key, body=msgspec.json.encode(body))


def form_as_json(body: Body, boundary: str, wanted: type[msgspec.Struct]) -> bytes:
    """The fields of a form as the JSON body of `wanted`, a flat struct; names as sent. An empty field counts as absent, a file
    becomes base64.

    Raises InvalidRequestError for what is no form, files and fields that are there twice.
    """
    fields = msgspec.structs.fields(wanted)
    texts = {name for field in fields if _is_text(field.type) for name in (field.name, field.encode_name)}
    files = {name for field in fields if _is_file(field.type) for name in (field.name, field.encode_name)}
    sent = {name: text for name, text in _read_fields(body, boundary, files).items() if text}
    return msgspec.json.encode({name: text if name in texts else _plain(text) for name, text in sent.items()})


def _is_text(wanted: Any) -> bool:
    try:
        msgspec.convert("", wanted)
    except msgspec.ValidationError as error:
        # What a text must be like comes later; here it counts only that it may be one.
        return "got `str`" not in str(error)
    return True


def _is_file(wanted: Any) -> bool:
    return shape_of(wanted).takes(msgspec.inspect.BytesType)


def _plain(text: str) -> Any:
    """What the text spells in JSON: a number, true, false or null. Else the text, which will be refused as one."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text


def _read_fields(body: Body, boundary: str, files: set[str]) -> dict[str, str]:
    fields: dict[str, bytearray] = {}
    problems: list[FieldProblem] = []
    part = bytearray()
    try:
        with PushMultipartParser(boundary, content_length=len(body), max_segment_count=MAX_PARTS) as parser:
            for found in (*parser.parse(body), *parser.parse(b"")):
                if isinstance(found, MultipartSegment):
                    part = bytearray()
                    problems += _segment_problems(found, fields, files)
                    fields[found.name or ""] = part
                elif found:
                    part += found
        if problems:
            raise InvalidRequestError(problems=problems)
        return {
            name: base64.b64encode(value).decode() if name in files else bytes(value).decode()
            for name, value in fields.items()
        }
    except (MultipartError, UnicodeDecodeError) as error:
        raise InvalidRequestError(problems=[FieldProblem("body", "expected a form in UTF-8")]) from error


def _segment_problems(segment: MultipartSegment, before: dict[str, bytearray], files: set[str]) -> list[FieldProblem]:
    # A form without a chosen file sends one without a name.
    if segment.filename is not None and segment.name not in files:
        return [FieldProblem(segment.name or "body", "expected a value, not a file")]
    if segment.name in before:
        return [FieldProblem(segment.name or "body", "expected once")]
    return []
