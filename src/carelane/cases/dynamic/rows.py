"""From a dynamic body to what any case is made of. No I/O."""

from collections.abc import Iterator
from typing import Any, get_args

import msgspec
from msgspec import UNSET

from carelane.cases.dynamic.queries import KnownForm, KnownQuestion, Referred
from carelane.cases.dynamic.schemas import DynamicCaseIn, DynamicQuestionIn, choices_of
from carelane.cases.rows import AnsweredForm, answered_form
from carelane.cases.schemas import AbandonedCaseIn, CaseIn, CaseProductIn
from carelane.forms import schemas as forms
from carelane.forms.queries import Version
from carelane.forms.schemas import FormIn, QuestionIn, VisitType, answer_text
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import DataKey, Phi
from carelane.kit.texts import is_blank
from carelane.patients.schemas import ShippingAddressIn, VisitorIn
from carelane.payments.schemas import PaymentIn, ProviderReferenceIn, ReferenceType, is_number

# The first one that was sent is kept: a payment intent takes money, a setup intent and a token only may.
_REFERENCES: tuple[tuple[str, str, ReferenceType], ...] = (
    ("stripe_payment_intent_id", "stripePaymentIntentId", "PAYMENT_INTENT"),
    ("stripe_payment_id", "stripePaymentId", "PAYMENT_INTENT"),
    ("stripe_setup_id", "stripeSetupId", "SETUP_INTENT"),
    ("nmi_payment_token", "nmiPaymentToken", "PAYMENT_TOKEN"),
)
_VISIT_TYPES: tuple[VisitType, ...] = get_args(VisitType)
_SETUP_PREFIX = "seti_"
_REQUIRED_LINES = {
    "address_line1": "addressLine1", "city": "city", "state": "state", "country": "country", "postal_code": "postalCode",
}  # fmt: skip
# Where the members of a body stand that the rules of other nouns know by other names.
_PLACES = (
    ("user.", ""), ("form.", ""), ("payment.amount", "paymentAmount"), ("products", "productBundleId"),
)  # fmt: skip


class ReadForm(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A form as it was sent, its questions completed by what is known of them; in id mode `version` is the one answered."""

    form: FormIn
    version: Version | None
    problems: list[FieldProblem]
    doubts: list[FieldProblem]

    def answered(self, data_key: DataKey, most_bytes: int) -> tuple[AnsweredForm, list[FieldProblem]]:
        """With its answers sealed, and what is wrong with the files in them."""
        form, problems = answered_form(self.form, None, "", data_key, most_bytes)
        return msgspec.structs.replace(form, version=self.version), problems

    @property
    def visit_type(self) -> VisitType | None:
        """What the patient chose, if the form asks."""
        chosen = [answer_text(one.answer) for one in self.form.questions or () if one.type == "WIDGET_VISIT_TYPE"]
        return next((kind for kind in _VISIT_TYPES if kind in chosen), None)


def read_titled(
    title: str,
    description: str | None,
    sent: list[DynamicQuestionIn],
    known: list[KnownQuestion],
    *,
    is_whole: bool = True,
) -> ReadForm:
    """The form of that title with these questions; one that is named by its id only is asked as it was then.

    `is_whole` False: the patient stopped in the middle, so nothing must be answered.
    """
    by_id = {str(question.id): question for question in known}
    questions = [_completed(question, by_id.get(_id_of(question))) for question in sent]
    return _judged(FormIn(title=title, description=description, questions=questions), None, [], is_whole)


def read_known(form: KnownForm, sent: list[DynamicQuestionIn], *, is_whole: bool) -> ReadForm:
    """Answers to the questions that the form has."""
    by_id = {str(question.id): question for question in form.questions}
    by_text = {question.text: question for question in form.questions}
    problems: list[FieldProblem] = []
    found: list[tuple[KnownQuestion, DynamicQuestionIn]] = []
    for index, question in enumerate(sent):
        known = by_id.get(_id_of(question)) or by_text.get(question.question or "")
        if known is None:
            problems.append(FieldProblem(f"questions[{index}].questionId", "expected the id of a question of the form"))
        elif any(known.id == other.id for other, _ in found):
            problems.append(FieldProblem(f"questions[{index}].questionId", "expected each question once"))
        else:
            found.append((known, question))
    if is_whole:
        problems += _left_out(form, {known.id for known, _ in found})
    version = Version(id=form.version_id, question_ids=[known.id for known, _ in found])
    questions = [_completed(question, known, keeps_known=True) for known, question in found]
    return _judged(FormIn(title=form.name, questions=questions), version, problems, is_whole)


def _left_out(form: KnownForm, answered: set[Any]) -> Iterator[FieldProblem]:
    """What had to be answered. A question with a condition may not have been asked."""
    for known in form.questions:
        if known.required and known.condition is None and known.type != "STATEMENT" and known.id not in answered:
            yield FieldProblem("questions", f"expected an answer to the required question {known.id}")


def _judged(form: FormIn, version: Version | None, problems: list[FieldProblem], is_whole: bool) -> ReadForm:
    broken = list(forms.broken_rules(form, "form")) if is_whole else []
    doubtful = list(forms.doubts(form, "form"))
    return ReadForm(form=form, version=version, problems=as_sent([*problems, *broken]), doubts=as_sent(doubtful))


def _id_of(question: DynamicQuestionIn) -> str:
    return str(parse_uuid((question.question_id or "").strip()) or "")


def _completed(sent: DynamicQuestionIn, known: KnownQuestion | None, *, keeps_known: bool = False) -> QuestionIn:
    """What is not known of a question that has an id and no text may be health information."""
    text = sent.question or (known.text if known else sent.question_id) or ""
    is_phi = sent.phi if sent.phi is not None else sent.is_phi
    if known is not None and (keeps_known or is_phi is None):
        is_phi = known.is_phi or bool(is_phi)
    elif is_phi is None:
        is_phi = is_blank(sent.question or "")
    kind = known.type if known and (keeps_known or sent.type is None) else str(sent.type or "TEXT")
    answer = None if sent.answer is UNSET else sent.answer
    return QuestionIn(
        question=known.text if known and keeps_known else text,
        type=kind,  # type: ignore[arg-type]
        answer=choices_of(answer) if kind == "MULTISELECT" else answer,
        required=known.required if known and (keeps_known or sent.required is None) else sent.required,
        phi=is_phi,
        options=known.options if known and (keeps_known or sent.options is None) else sent.option_texts,
        hint=sent.hint if known is None else sent.hint or known.hint,
        placeholder=sent.placeholder if known is None else sent.placeholder or known.placeholder,
    )


def make_case(sent: DynamicCaseIn, referred: Referred, visit_type: VisitType | None) -> CaseIn | AbandonedCaseIn:
    """The same case as `POST /api/v1/cases` would be sent, but that its patient may have no telephone and birth date."""
    bundle = referred.bundle
    shared: dict[str, Any] = {
        "user": VisitorIn(
            first_name=sent.first_name,
            last_name=sent.last_name,
            email=sent.email,
            gender=sent.gender,
            phone_number=sent.phone_number,
            dob=sent.dob,
            language_preferences=sent.language_preferences,
            shipping_address=sent.shipping_address if _is_given(sent.shipping_address) else None,
        ),
        "products": [CaseProductIn(id=id_, visit_type=visit_type) for id_ in (bundle.product_ids if bundle else ())],
        "is_test": sent.is_test,
        "force_create": sent.force_create,
        "promo_codes": [sent.promo_codes] if isinstance(sent.promo_codes, str) else sent.promo_codes,
        "referral_code": sent.referral_code,
    }
    if sent.is_abandoned:
        return AbandonedCaseIn(**shared, status="ABANDONED")
    return CaseIn(**shared, payment=payment_of(sent, referred.currency))


def _is_given(address: ShippingAddressIn | None) -> bool:
    return address is not None and any(not is_blank(line or "") for line in msgspec.structs.astuple(address))


def _references(sent: DynamicCaseIn) -> list[tuple[str, ProviderReferenceIn]]:
    named: list[tuple[str, ReferenceType, str]] = [
        (wire, kind, (getattr(sent, name) or "").strip()) for name, wire, kind in _REFERENCES
    ]
    return [(wire, _reference(kind, text)) for wire, kind, text in named if text]


def _reference(kind: ReferenceType, text: str) -> ProviderReferenceIn:
    """Some send a setup intent's id under a payment intent's name; its prefix tells."""
    return ProviderReferenceIn(type="SETUP_INTENT" if text.startswith(_SETUP_PREFIX) else kind, id=text)


def payment_of(sent: DynamicCaseIn, currency: str) -> PaymentIn | None:
    """None when neither an amount nor a reference was sent."""
    references = [reference for _, reference in _references(sent)]
    amount = None if isinstance(sent.payment_amount, str) and is_blank(sent.payment_amount) else sent.payment_amount
    if amount is None and not references:
        return None
    return PaymentIn(
        amount=0 if amount is None else amount,
        currency=currency,
        description=sent.payment_description,
        status="UNPAID",
        provider_reference=references[0] if references else None,
    )


def amount_problems(sent: DynamicCaseIn) -> Iterator[FieldProblem]:
    """Of an amount that cannot be read as one at all."""
    amount = sent.payment_amount
    if amount is not None and not (isinstance(amount, str) and is_blank(amount)) and not is_number(amount):
        yield FieldProblem("paymentAmount", "expected a number or a text such as 99.99")


def address_problems(sent: DynamicCaseIn) -> Iterator[FieldProblem]:
    """Of an address that is one, what is missing."""
    address = sent.shipping_address
    if address is None or sent.is_abandoned or not _is_given(address):
        return
    for name, wire in _REQUIRED_LINES.items():
        if is_blank(getattr(address, name) or ""):
            yield FieldProblem(f"shippingAddress.{wire}", f"{wire} is required")


def warnings_of(sent: DynamicCaseIn, referred: Referred) -> Iterator[str]:
    """What staff should know of how the case was sent."""
    if referred.bundle is None:
        yield "productBundleId: none was sent, so the case has no products"
    elif not referred.bundle.product_ids:
        yield "productBundleId: the bundle has no active products, so the case has none"
    if sent.is_abandoned:
        return
    references = _references(sent)
    if references and sent.payment_amount in (None, ""):
        yield "paymentAmount: none was sent, so the payment says 0"
    for wire, _ in references[1:]:
        yield f"{wire}: not kept, because the payment's reference is {references[0][0]}"


def reference_name(sent: DynamicCaseIn) -> str:
    """The member that the payment's reference came in."""
    return next((wire for wire, _ in _references(sent)), "stripeSetupId")


def as_sent(problems: list[FieldProblem], reference: str = "stripeSetupId") -> list[FieldProblem]:
    """The same, with the places that the body's members have; `reference` is that of the payment's reference."""
    return [msgspec.structs.replace(problem, field=_place(problem.field, reference)) for problem in problems]


def _place(field: str, reference: str) -> str:
    if field == "payment.providerReference.id":
        return reference
    for ours, theirs in _PLACES:
        if field.startswith(ours):
            return theirs + field[len(ours) :] if ours.endswith(".") else theirs
    return field
