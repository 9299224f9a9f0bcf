"""dynamic-case and customer-dynamic-case-form on the wire, with the habits of those who call them."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from carelane.cases.schemas import PromoCode, PromoCodes, StatusIn, read_with_documents
from carelane.forms.schemas import (
    FILE_TYPES,
    MAX_CHOICES_CHARACTERS,
    MAX_OPTIONS,
    MAX_QUESTIONS,
    Answer,
    FileIn,
    Text,
    answer_text,
)
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import Phi
from carelane.kit.texts import is_blank
from carelane.patients.schemas import GenderIn, Name, ShippingAddressIn
from carelane.web.weight import Body
from carelane.web.wire import JsonBody, decode_light, light

MAX_KEY_CHARACTERS = 255
MAX_FILE_NAME_CHARACTERS = 255
# How callers name the parts of a file, and the parts of an option that is an object; the first that is there counts.
_FILE_DATA = ("data", "content", "base64", "url")
_FILE_NAME = ("name", "fileName", "filename")
_FILE_TYPE = ("contentType", "mimeType", "type")
_OPTION_TEXT = ("label", "text", "option", "name", "value")

Reference = Annotated[str, Meta(max_length=255)]
Id = Annotated[str, Meta(max_length=100)]


class QuestionTypeIn(StrEnum):
    """May be sent in any case."""

    TEXT = "TEXT"
    SINGLESELECT = "SINGLESELECT"
    MULTISELECT = "MULTISELECT"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    DATERANGE = "DATERANGE"
    FILE = "FILE"
    STATEMENT = "STATEMENT"
    WIDGET_BMI = "WIDGET_BMI"
    WIDGET_STATE_PICKER = "WIDGET_STATE_PICKER"
    WIDGET_USER_ID_DOCUMENT = "WIDGET_USER_ID_DOCUMENT"
    WIDGET_VISIT_TYPE = "WIDGET_VISIT_TYPE"

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        wanted = str(value).strip().upper()
        return next((member for member in cls if member.value == wanted), None)


class DynamicQuestionIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A question by its text or by its id, and its answer, in whatever shape it came; files as FileIn or data URL."""

    question: Text | None = None
    question_id: Id | None = None
    type: QuestionTypeIn | None = None
    answer: Any = UNSET
    required: bool | None = None
    phi: bool | None = None
    is_phi: bool | None = msgspec.field(name="isPHI", default=None)
    options: Annotated[list[Any], Meta(max_length=MAX_OPTIONS)] | None = None
    hint: Text | None = None
    placeholder: Text | None = None

    def __post_init__(self) -> None:
        if is_blank(self.question or "") and is_blank(self.question_id or ""):
            raise ValueError("question is required, or questionId")
        msgspec.structs.force_setattr(self, "answer", _as_answer(self.answer))

    @property
    def option_texts(self) -> list[str]:
        return [_option_text(option) for option in self.options or ()]


def _as_answer(sent: Any) -> Answer | UnsetType:
    if isinstance(sent, list):
        if len(sent) > MAX_OPTIONS:
            raise ValueError(f"answer: expected at most {MAX_OPTIONS} entries")
        return [item for item in map(_as_item, sent) if item is not None]
    if isinstance(sent, dict):
        return _as_item(sent)
    return sent  # type: ignore[no-any-return]


def _as_item(sent: Any) -> str | FileIn | None:
    if sent is None or isinstance(sent, str):
        return sent
    if isinstance(sent, dict):
        data = _first(sent, _FILE_DATA)
        return _option_text(sent) if data is None else _as_file(sent, data)
    return msgspec.json.encode(sent).decode()


def _as_file(sent: dict[str, Any], data: Any) -> FileIn:
    name, content_type = _first(sent, _FILE_NAME) or "", _first(sent, _FILE_TYPE) or "application/octet-stream"
    if not all(isinstance(part, str) for part in (data, name, content_type)):
        raise ValueError("answer: expected a file as {name, contentType, data}, each of them a text")
    if len(name) > MAX_FILE_NAME_CHARACTERS or len(content_type) > MAX_FILE_NAME_CHARACTERS:
        raise ValueError(f"answer: expected a file name of at most {MAX_FILE_NAME_CHARACTERS} characters")
    return FileIn(name=name, data=data, content_type=content_type)


def _option_text(option: Any) -> str:
    """An option as people see it, whatever it was sent as."""
    if isinstance(option, str):
        return option
    if isinstance(option, dict):
        shown = _first(option, _OPTION_TEXT)
        return msgspec.json.encode(option).decode() if shown is None else _option_text(shown)
    return "" if option is None else msgspec.json.encode(option).decode()


def _first(sent: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((sent[name] for name in names if sent.get(name) is not None), None)


def choices_of(answer: Any) -> Any:
    """The answer to a MULTISELECT as a list, where it came as the JSON of one."""
    if isinstance(answer, str) and answer.startswith("[") and len(answer) <= MAX_CHOICES_CHARACTERS:
        try:
            sent = msgspec.json.decode(answer)
        except (msgspec.DecodeError, RecursionError):
            return answer
        if len(sent) <= MAX_OPTIONS:
            return [answer_text(_as_item(item)) for item in sent]
    return answer


Questions = Annotated[list[DynamicQuestionIn], Meta(min_length=1, max_length=MAX_QUESTIONS)]


class DynamicCaseIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A case with one form. A `password` may come with it, and is passed over."""

    first_name: Name
    last_name: Name
    email: Annotated[str, Meta(max_length=320)]
    questions: Questions
    dob: Annotated[str, Meta(max_length=50)] | None = None
    gender: GenderIn | None = None
    phone_number: Annotated[str, Meta(max_length=50)] | None = None
    language_preferences: Annotated[list[Annotated[str, Meta(max_length=35)]], Meta(max_length=50)] | None = None
    shipping_address: ShippingAddressIn | None = None
    status: StatusIn | None = None
    is_test: bool | None = None
    force_create: bool | None = None
    idempotency_key: Annotated[str, Meta(max_length=MAX_KEY_CHARACTERS)] | None = None
    case_id: Id | None = None
    form_title: Annotated[str, Meta(max_length=300)] | None = None
    form_description: Text | None = None
    form_id: Id | None = None
    product_bundle_id: Id | None = None
    payment_amount: int | float | Annotated[str, Meta(max_length=30)] | None = None
    payment_description: Annotated[str, Meta(max_length=1000)] | None = None
    stripe_setup_id: Reference | None = None
    stripe_payment_intent_id: Reference | None = None
    stripe_payment_id: Reference | None = None
    nmi_payment_token: Reference | None = None
    promo_codes: PromoCodes | PromoCode = None
    referral_code: Annotated[str, Meta(max_length=200)] | None = None
    # Where the key comes with the body (`handleDynamicCustomerForm`).
    key: Annotated[str, Meta(max_length=4096)] | None = None

    def __post_init__(self) -> None:
        if is_blank(self.form_title or "") and is_blank(self.form_id or ""):
            raise ValueError("formTitle is required, or formId")

    @property
    def is_abandoned(self) -> bool:
        return (self.status or "").upper() == "ABANDONED"


class DynamicFormIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A form for a case that is there. `key` is the organization's key, where no header holds it."""

    case_id: Id
    form_title: Annotated[str, Meta(max_length=300)]
    questions: Questions
    form_description: Text | None = None
    key: Annotated[str, Meta(max_length=4096)] | None = None

    def __post_init__(self) -> None:
        if is_blank(self.form_title):
            raise ValueError("formTitle is required")


class DynamicBody(JsonBody):
    """Long documents are decoded while it is read."""

    def read(self, body: Body) -> Any:
        """Raises InvalidRequestError, and BodyTooLargeError when too much is left beside the documents."""
        return read_with_documents(body, lambda rest: decode_light(light(rest), self.wanted), _file_questions)


def _file_questions(sent: DynamicCaseIn | DynamicFormIn) -> Iterator[DynamicQuestionIn]:
    """Those whose answers may be documents: of a question that is named by its id the type is not known yet."""
    for question in sent.questions:
        if question.type is None or question.type in FILE_TYPES:
            yield question


def id_named(field: str, sent: str | None) -> UUID | None:
    """None for what was left empty. Raises InvalidRequestError for what is no UUID."""
    text = (sent or "").strip()
    found = parse_uuid(text) if text else None
    if text and found is None:
        raise InvalidRequestError(problems=[FieldProblem(field, "expected a UUID")])
    return found


class DynamicCreatedOut(msgspec.Struct, rename="camel", frozen=True):
    """`payment_id` is there if the case came with a payment."""

    case_id: UUID
    form_response_id: UUID
    payment_id: UUID | UnsetType = UNSET


class DynamicCaseCreatedOut(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    data: DynamicCreatedOut
