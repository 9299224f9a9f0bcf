"""What people typed, and what is wrong with it.

    form.read(ChangeIn)          the fields as a body of the API: names are the names on the wire, `products[0].refills` too
    form.key(request)            the request key: a form that is sent twice acts once
    form.all("caseIds")          checkboxes of one name
    form.file("file")            a dropped or chosen file

A form that cannot be done is shown again by its own page, with status 422 (409 when somebody was faster) and what was typed:

    try:
        await actions.change(services, request.auth, form.read(ChangeIn), form.key(request))
    except REFUSALS as error:
        return await show_change(request, services, form.refused(error))
    return see_other(…)
"""

import hashlib
from collections.abc import Callable
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from carelane.console.access import is_token
from carelane.console.wording import plain_problem
from carelane.kit.errors import (
    BodyTooLargeError,
    CarelaneError,
    ConflictError,
    FieldProblem,
    InvalidRequestError,
    RuleBrokenError,
    refuse,
)
from carelane.kit.languages import _
from carelane.kit.phi import Phi
from carelane.services import Services
from carelane.web.html.forms import MEDIA_TYPE, TOKEN_FIELD
from carelane.web.html.security import ForeignFormError, may_act
from carelane.web.idempotency import KeyInFlightError, RequestKey
from carelane.web.multipart import MEDIA_TYPE as FILES_TYPE
from carelane.web.problems import list_problems, plain, shape_of

# What a form's own page says; every other error has a page of its own.
REFUSALS = (InvalidRequestError, RuleBrokenError, ConflictError, KeyInFlightError)
KEY_FIELD = "request_key"
MAX_FIELDS = 2_200
MAX_FIELD_CHARACTERS = 100_000

T = TypeVar("T", bound=msgspec.Struct)


class SentFile(Phi, msgspec.Struct, frozen=True):
    name: str
    media_type: str
    content: bytes


class Filled(Phi, msgspec.Struct, frozen=True):
    """A form as it is shown: what stands in it, and what is wrong with that. Without problems it is simply filled in."""

    fields: dict[str, list[str]] = {}
    # What is wrong, by the field's name; and of the whole.
    problems: dict[str, str] = {}
    general: list[str] = []
    status: int = 200
    error: CarelaneError | None = None

    @classmethod
    def of(cls, **values: object) -> Self:
        """To begin with. None leaves a field empty, a list fills several of one name."""
        return cls({name: _shown(value) for name, value in values.items()})

    def get(self, name: str, default: object = "") -> str:
        return (self.fields.get(name) or _shown(default) or [""])[-1]

    def all(self, name: str) -> list[str]:
        return self.fields.get(name, [])

    def problem(self, name: str) -> str | None:
        return self.problems.get(name)


class Form(Filled, frozen=True):
    """A form as it was sent."""

    files: dict[str, SentFile] = {}
    digest: bytes = b""

    def read(self, wanted: type[T], **more: object) -> T:
        """The fields as `wanted`; empty ones were not sent. Raises InvalidRequestError with every problem."""
        names = shape_of(wanted).fields
        tree: dict[str, Any] = {}
        for name, texts in self.fields.items():
            steps = FieldProblem(name, "").steps()
            if steps and steps[0] in names:
                _put(tree, steps, texts)
        raw = _fitting(_as_lists(tree), shape_of(wanted)) | more
        try:
            return msgspec.convert(raw, wanted)
        except msgspec.ValidationError as error:
            problems = list_problems(raw, wanted)
            raise InvalidRequestError(problems=problems or [FieldProblem("body", plain(error))]) from None

    def file(self, name: str) -> SentFile | None:
        return self.files.get(name)

    def key(self, request: Request[Any, Any, Any]) -> RequestKey | None:
        """None from a form without one: then every sending acts."""
        key = self.get(KEY_FIELD)[:100]
        return RequestKey(key, request.url.path, self.digest) if key.isascii() and key.isalnum() else None

    def refused(self, error: CarelaneError) -> Filled:
        """To show it again, as it was typed."""
        known = {one.field: plain_problem(one.problem) for one in error.problems if one.where == "body"}
        on_fields = {name: text for name, text in known.items() if name != "body"}
        rest = [problem.problem for problem in error.problems if problem.field not in on_fields]
        general = rest or ([] if on_fields else [error.detail or error.message])
        status = 409 if error.status == 409 else 422
        return Filled(self.fields, on_fields, general, status, error)


def lines_of(text: str) -> list[str]:
    """What was typed line by line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def require_typed(form: Filled, field: str, wanted: str, fold: Callable[[str], str] = str) -> None:
    """A name, or another word, was typed: what follows is not easily undone. Raises RuleBrokenError."""
    if fold(form.get(field).strip()) != fold(wanted.strip()):
        refuse([FieldProblem(field, _("Type %(word)s. Nothing was changed.") % {"word": wanted})])


async def read_form(request: Request[Any, Any, Any], services: Services) -> Form:
    """The form of a page of ours. Raises ForeignFormError, InvalidRequestError and BodyTooLargeError."""
    if not may_act(request, if_no_page=True):
        raise ForeignFormError
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    body = await request.body()
    if media_type == FILES_TYPE:
        fields, files = _read_parts(body, options.get("boundary", ""))
    elif media_type == MEDIA_TYPE or not body:
        fields, files = _read_plain(body), {}
    else:
        raise InvalidRequestError("expected a form")
    if not is_token(services, request, (fields.pop(TOKEN_FIELD, None) or [""])[-1]):
        raise ForeignFormError
    if any("\0" in text for texts in fields.values() for text in texts):
        raise InvalidRequestError("expected text without the character U+0000")
    return Form(fields, files=files, digest=hashlib.sha256(body).digest())


def _read_plain(body: bytes) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise InvalidRequestError("expected a form in UTF-8") from None
    fields: dict[str, list[str]] = {}
    for name, text in pairs:
        # Browsers send the ends of lines as in mail.
        fields.setdefault(name, []).append(text.replace("\r\n", "\n"))
    return fields


def _read_parts(body: bytes, boundary: str) -> tuple[dict[str, list[str]], dict[str, SentFile]]:
    parts: list[tuple[MultipartSegment, bytearray]] = []
    try:
        with PushMultipartParser(boundary, content_length=len(body), max_segment_count=MAX_FIELDS) as parser:
            for found in (*parser.parse(body), *parser.parse(b"")):
                if isinstance(found, MultipartSegment):
                    parts.append((found, bytearray()))
                elif found:
                    parts[-1][1].extend(found)
        fields: dict[str, list[str]] = {}
        files: dict[str, SentFile] = {}
        for segment, content in parts:
            if segment.filename:
                files[segment.name or ""] = SentFile(segment.filename, segment.content_type or "", bytes(content))
            elif segment.filename is None:
                fields.setdefault(segment.name or "", []).append(_text_of(content))
    except (MultipartError, UnicodeDecodeError):
        raise InvalidRequestError("expected a form in UTF-8") from None
    return fields, files


def _text_of(content: bytearray) -> str:
    if len(content) > MAX_FIELD_CHARACTERS:
        raise BodyTooLargeError
    return content.decode().replace("\r\n", "\n")


def _shown(value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list | tuple | set | frozenset):
        return [str(one) for one in value]
    return ["true" if value is True else "false" if value is False else str(value)]


def _put(tree: dict[str, Any], steps: list[str | int], texts: list[str]) -> None:
    """Lists are kept by position for now; what is left out closes up."""
    place: Any = tree
    for step in steps[:-1]:
        place = place.setdefault(step, {}) if isinstance(place, dict) else {}
    if isinstance(place, dict):
        place[steps[-1]] = texts


def _as_lists(place: Any) -> Any:
    if not isinstance(place, dict):
        return place
    if place and all(isinstance(step, int) for step in place):
        return [_as_lists(place[step]) for step in sorted(place)]
    return {name: _as_lists(value) for name, value in place.items()}


def _fitting(raw: Any, shape: Any) -> Any:
    """Texts where the body wants one, lists where it wants a list; what is empty is left out."""
    if isinstance(raw, dict):
        fitted = {
            name: _fitting(value, shape.members[name]) if name in shape.members else value
            for name, value in raw.items()
        }
        return {name: value for name, value in fitted.items() if value is not None}
    if not isinstance(raw, list):
        return raw
    if raw and isinstance(raw[0], dict):
        return [_fitting(one, shape.item) for one in raw] if shape.item else raw
    texts = [text for text in raw if not isinstance(text, str) or text.strip()]
    if shape.item is not None:
        return texts
    return _plain(texts[-1], shape) if texts else None


def _plain(text: Any, shape: Any) -> Any:
    """A number or a yes where the body wants one; the text, which will be refused as one, where it spells none."""
    try:
        read = msgspec.convert(text, shape.wanted, strict=False)
    except msgspec.ValidationError:
        return text
    return read if isinstance(read, int | float) else text
