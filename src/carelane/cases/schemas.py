"""Create case on the wire (seed 000)."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from carelane.forms import schemas as forms
from carelane.forms.schemas import FILE_TYPES, FileIn, FormIn, QuestionIn, VisitType
from carelane.kit.data_urls import take_file, take_words
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.phi import Phi
from carelane.patients import schemas as patients
from carelane.patients.schemas import PatientIn, VisitorIn
from carelane.payments import schemas as payments
from carelane.payments.schemas import PaymentIn
from carelane.web.long_texts import lift_long_texts
from carelane.web.weight import Body
from carelane.web.wire import JsonBody, decode_light, light

SentT = TypeVar("SentT")

Interval = Literal["day", "week", "month", "year"]

MAX_PRODUCTS = 50
# Of all products together; more would keep others waiting.
MAX_QUESTIONS = 1_000
# All of a body but the documents in it, which only the body's own limit bounds.
MAX_WORDS_BYTES = 4_194_304
MAX_INTERVAL_COUNT = 1_000
MAX_PROMO_CODES = 20

# Case-insensitive, as the page says; JSON Schema's patterns have no flag for it.
StatusIn = Annotated[
    str, Meta(pattern="^([Oo][Pp][Ee][Nn]|[Aa][Bb][Aa][Nn][Dd][Oo][Nn][Ee][Dd])$", examples=["OPEN", "ABANDONED"])
]


class SubscriptionIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    interval: Interval | None = None
    interval_count: int | None = None


class CaseProductIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    visit_type: VisitType | None = None
    form: FormIn | None = None
    subscription: SubscriptionIn | None = None


PromoCode = Annotated[str, Meta(max_length=100)] | None
# `{"Promo": "LOSE10"}` or several of them in a list; both are in use.
PromoCodes = (
    Annotated[dict[str, PromoCode], Meta(max_length=MAX_PROMO_CODES)]
    | Annotated[
        list[Annotated[dict[str, PromoCode], Meta(max_length=MAX_PROMO_CODES)] | PromoCode],
        Meta(max_length=MAX_PROMO_CODES),
    ]
)
Products = Annotated[list[CaseProductIn], Meta(min_length=1, max_length=MAX_PRODUCTS)]


class CaseIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A case a clinician will decide on."""

    user: PatientIn
    products: Products
    payment: PaymentIn | None = None
    status: StatusIn | None = None
    is_test: bool | None = None
    force_create: bool | None = None
    promo_codes: PromoCodes | None = None
    referral_code: Annotated[str, Meta(max_length=200)] | None = None


class AbandonedCaseIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A cart that was left: kept with its products, nothing is charged or assigned, and the payment is not looked at."""

    user: VisitorIn
    products: Products
    payment: Any = None
    status: StatusIn
    is_test: bool | None = None
    force_create: bool | None = None
    promo_codes: PromoCodes | None = None
    referral_code: Annotated[str, Meta(max_length=200)] | None = None


class _StatusOnly(msgspec.Struct):
    status: Any = None


_STATUS = msgspec.json.Decoder(_StatusOnly)


class CaseBody(JsonBody):
    """The status decides what else the body must hold. Long documents are decoded while it is read."""

    def read(self, body: Body) -> CaseIn | AbandonedCaseIn:
        """Raises InvalidRequestError, and BodyTooLargeError when too much is left beside the documents."""
        return read_with_documents(body, _read_case, lambda case: file_questions(case.products))


def read_with_documents(
    body: Body, read: Callable[[Body], SentT], file_questions_of: Callable[[SentT], Iterator[Any]]
) -> SentT:
    """What `read` makes of the body, the documents in answers to its file questions decoded. Raises what `read` raises, and
    BodyTooLargeError."""
    lifted = lift_long_texts(body, MAX_WORDS_BYTES)
    sent = read(lifted.rest)
    if lifted.texts:
        documents = {text for question in file_questions_of(sent) for text in _texts(question.answer)}
        others = lifted.texts.keys() - documents
        if others:
            lifted = lifted.put_back(others, MAX_WORDS_BYTES)
            sent = read(lifted.rest)
        for question in file_questions_of(sent):
            msgspec.structs.force_setattr(question, "answer", _with_documents(question.answer, lifted.texts))
    return sent


def _read_case(body: Body) -> CaseIn | AbandonedCaseIn:
    body = light(body)
    try:
        status = _STATUS.decode(body).status
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Whatever is wrong with the body, all of it is told.
        status = None
    is_abandoned = isinstance(status, str) and status.upper() == "ABANDONED"
    case = decode_light(body, AbandonedCaseIn) if is_abandoned else decode_light(body, CaseIn)
    check_size(case.products)
    return case


def check_size(products: list[CaseProductIn]) -> None:
    """Raises InvalidRequestError when their forms ask too much between them."""
    if sum(len(product.form.questions or ()) for product in products if product.form) > MAX_QUESTIONS:
        raise InvalidRequestError(
            problems=[FieldProblem("products", f"expected at most {MAX_QUESTIONS:,} questions in all forms together")]
        )


def file_questions(products: list[CaseProductIn]) -> Iterator[QuestionIn]:
    """Those whose answers may be documents."""
    for product in products:
        for question in (product.form.questions if product.form else None) or ():
            if question.type in FILE_TYPES:
                yield question


def _texts(answer: Any) -> Iterator[str]:
    """Those of a FILE answer that may be documents."""
    for item in answer if isinstance(answer, list) else [answer]:
        if isinstance(item, str | FileIn):
            yield item if isinstance(item, str) else item.data


def _with_documents(answer: Any, texts: dict[str, memoryview]) -> Any:
    """The answer with its documents decoded; `texts` are theirs by the names that stand in their place."""
    if isinstance(answer, list):
        return [_with_documents(item, texts) for item in answer]
    if isinstance(answer, FileIn):
        return msgspec.structs.replace(answer, data=_with_documents(answer.data, texts))
    escaped = texts.get(answer) if isinstance(answer, str) else None
    if escaped is None:
        return answer
    file = take_file(escaped)
    return take_words(escaped) or file if file.content is None else file


class CreatedOut(msgspec.Struct, rename="camel", frozen=True):
    case_id: UUID


class CaseCreatedOut(msgspec.Struct, frozen=True, kw_only=True):
    success: bool = True
    data: CreatedOut


def broken_rules(case: CaseIn | AbandonedCaseIn) -> Iterator[FieldProblem]:
    """Values no profile accepts."""
    yield from patients.broken_rules(case.user)
    if isinstance(case, CaseIn) and case.payment is not None:
        yield from payments.broken_rules(case.payment)
    yield from broken_subscriptions(case.products)
    # A cart that was left may have stopped in the middle of its form.
    if isinstance(case, CaseIn):
        yield from of_forms(case.products, forms.broken_rules)


def broken_subscriptions(products: list[CaseProductIn]) -> Iterator[FieldProblem]:
    for index, product in enumerate(products):
        count = product.subscription.interval_count if product.subscription else None
        if count is not None and not 1 <= count <= MAX_INTERVAL_COUNT:
            yield FieldProblem(
                f"products[{index}].subscription.intervalCount",
                f"expected a whole number from 1 to {MAX_INTERVAL_COUNT}",
            )


def doubts(case: CaseIn | AbandonedCaseIn) -> Iterator[FieldProblem]:
    """Kept as warnings in the `compat` profile, refused in `strict`."""
    yield from patients.doubts(case.user)
    yield from of_forms(case.products, forms.doubts)


def of_forms(
    products: list[CaseProductIn], check: Callable[[FormIn, str], Iterator[FieldProblem]]
) -> Iterator[FieldProblem]:
    """What is wrong with the forms of the products."""
    for index, product in enumerate(products):
        if product.form is not None:
            yield from check(product.form, f"products[{index}].form")


class MedicationIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What is prescribed; kept whole as one sealed JSON document. `quantity` is what may be dispensed each time."""

    external_id: str | None = None
    medicine: str
    is_refill: bool = False
    dosage: str | None = None
    refill_count: int | None = None
    pharmacy_instructions: str | None = None
    dosing_frequency: str | None = None
    treatment_period: str | None = None
    is_prior_auth_requested: bool = False
    order_note: str | None = None
    quantity: str | UnsetType = UNSET
