"""From what a storefront sent to the rows of a case. No I/O, and done before any transaction, so that locks are held briefly."""

from uuid import UUID

import msgspec

from carelane.cases.queries import Case, CaseContext, CaseParts, CaseProduct, CaseProductRequest, CaseRows
from carelane.cases.schemas import AbandonedCaseIn, CaseIn, CaseProductIn
from carelane.documents.actions import NewFile, read_files
from carelane.documents.queries import Attachment
from carelane.events import Event
from carelane.forms.actions import want_version
from carelane.forms.queries import ANSWER, FormAnswer, FormResponse, Question, Version, WantedVersion
from carelane.forms.schemas import FILE_TYPES, FormIn, QuestionIn, answer_text
from carelane.kit.db import Sealed
from carelane.kit.emails import mailbox_of
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import short_id, uuid7
from carelane.kit.names import fold_name
from carelane.kit.phi import DataKey, Phi
from carelane.kit.phones import to_e164
from carelane.patients.queries import FoundPatient, Patient
from carelane.patients.schemas import VisitorIn, parse_date
from carelane.payments.intake.queries import PaymentRows
from carelane.payments.intake.rows import PaymentOf

DEFAULT_FORM_NAME = "Intake form"
MAX_TITLE_CHARACTERS = 200


class Answered(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """One answer, sealed if it is PHI, with its files."""

    id: UUID
    text: str | None
    sealed: Sealed | None
    is_phi: bool
    files: list[NewFile]


class AnsweredForm(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """One product's form: the version it needs, and the answers in the order of its questions."""

    response_id: UUID
    wanted: WantedVersion
    answers: list[Answered]
    # The one that was answered, where that is known already.
    version: Version | None = None


class Extras(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a case may come with that `POST /api/v1/cases` does not know. `doubts` are of the form."""

    bundle_id: UUID | None = None
    idempotency_key: str | None = None
    # Of a case without products.
    title: str = ""
    warnings: list[str] = []
    doubts: list[FieldProblem] = []


def answered_forms(
    products: list[CaseProductIn], data_key: DataKey, most_bytes: int
) -> tuple[dict[int, AnsweredForm], list[FieldProblem]]:
    """The forms by the position of their product, and what is wrong with the files in them."""
    answered: dict[int, AnsweredForm] = {}
    problems: list[FieldProblem] = []
    for position, product in enumerate(products):
        if product.form is None:
            continue
        place = f"products[{position}].form."
        answered[position], wrong = answered_form(product.form, product.id, place, data_key, most_bytes)
        problems += wrong
    return answered, problems


def answered_form(
    form: FormIn, product_id: UUID | None, place: str, data_key: DataKey, most_bytes: int
) -> tuple[AnsweredForm, list[FieldProblem]]:
    """A form of a product or of none, and what is wrong with the files in it; `place` is where its members stand."""
    problems: list[FieldProblem] = []
    questions = form.questions or []
    places = (f"{place}questions[{index}].answer" for index in range(len(questions)))
    answers = [
        _answer(question, where, data_key, most_bytes, problems)
        for question, where in zip(questions, places, strict=True)
    ]
    title = (form.title or "").strip() or DEFAULT_FORM_NAME
    wanted = want_version(product_id, title, form.description, [_question(asked) for asked in questions])
    return AnsweredForm(response_id=uuid7(), wanted=wanted, answers=answers), problems


def _question(asked: QuestionIn) -> Question:
    return Question(
        text=asked.question,
        type=asked.type,
        required=bool(asked.required),
        is_phi=bool(asked.phi),
        options=asked.options or [],
        hint=asked.hint,
        placeholder=asked.placeholder,
    )


def _answer(
    asked: QuestionIn, place: str, data_key: DataKey, most_bytes: int, problems: list[FieldProblem]
) -> Answered:
    answer_id, is_phi = uuid7(), bool(asked.phi)
    files: list[NewFile] = []
    text = answer_text(asked.answer)
    if asked.type in FILE_TYPES:
        files, wrong = read_files(asked.answer, place, most_bytes)
        problems.extend(wrong)
        text = msgspec.json.encode([file.name for file in files]).decode() if files else text
    sealed = Sealed(data_key.seal(text.encode(), ANSWER, answer_id)) if is_phi else None
    return Answered(id=answer_id, text=None if is_phi else text, sealed=sealed, is_phi=is_phi, files=files)


def patient_row(organization_id: UUID, user: VisitorIn, patient_id: UUID | None = None) -> Patient:
    """`patient_id` is the new one's, if nobody has the address yet."""
    address = user.shipping_address
    return Patient(
        organization_id=organization_id,
        id=patient_id or uuid7(),
        email=user.email,
        mailbox=mailbox_of(user.email),
        first_name=user.first_name,
        last_name=user.last_name,
        first_name_key=fold_name(user.first_name),
        last_name_key=fold_name(user.last_name),
        gender=user.gender or None,
        phone_number=user.phone_number,
        phone_e164=to_e164(user.phone_number),
        date_of_birth=parse_date(user.dob) if user.dob else None,
        language_preferences=user.language_preferences,
        address_line1=address.address_line1 if address else None,
        address_line2=address.address_line2 if address else None,
        city=address.city if address else None,
        state=address.state if address else None,
        postal_code=address.postal_code if address else None,
        country=address.country if address else None,
    )


class RowMaker(msgspec.Struct, frozen=True, kw_only=True):
    """What every row of one case has in common."""

    data_key: DataKey
    organization_id: UUID
    case_id: UUID
    patient_id: UUID
    is_test: bool

    @property
    def payment_of(self) -> PaymentOf:
        return PaymentOf(
            organization_id=self.organization_id,
            case_id=self.case_id,
            patient_id=self.patient_id,
            is_test=self.is_test,
        )

    def rows(
        self,
        case: Case,
        sent: CaseIn | AbandonedCaseIn,
        forms: dict[int, AnsweredForm],
        versions: list[Version],
        event: Event,
        paid: PaymentRows | None,
    ) -> CaseRows:
        parts = self.parts(sent.products, forms, versions, [event])
        return CaseRows(case=case, payments=[paid.payment] if paid else [], **msgspec.structs.asdict(parts))

    def parts(
        self,
        sent: list[CaseProductIn],
        forms: dict[int, AnsweredForm],
        versions: list[Version],
        events: list[Event],
        first_position: int = 0,
    ) -> CaseParts:
        """`forms` by the place of their product among those sent; without products, there may be one of the case's own."""
        products = [self._product(first_position + place, product) for place, product in enumerate(sent)]
        used = dict(zip(forms, versions, strict=True))
        return CaseParts(
            products=products,
            requests=[
                self._request(row, product, forms.get(place))
                for place, (row, product) in enumerate(zip(products, sent, strict=True))
            ],
            responses=[self._response(form, used[place]) for place, form in forms.items()],
            answers=[answer for place, form in forms.items() for answer in self._answers(form, used[place])],
            attachments=[attachment for form in forms.values() for attachment in self._attachments(form)],
            events=events,
        )

    def case(
        self,
        case: CaseIn | AbandonedCaseIn,
        patient: FoundPatient,
        context: CaseContext,
        warnings: list[str],
        extras: Extras,
    ) -> Case:
        names = {product.id: product.name for product in context.products}
        title = ", ".join(dict.fromkeys(names[product.id] for product in case.products)) or extras.title
        return Case(
            organization_id=self.organization_id,
            id=self.case_id,
            short_id=short_id(context.prefix, context.number),
            patient_id=self.patient_id,
            patient_first_name=case.user.first_name,
            patient_last_name=case.user.last_name,
            patient_gender=patient.gender,
            patient_date_of_birth=patient.date_of_birth,
            type=context.type,
            title=title[:MAX_TITLE_CHARACTERS],
            status="OPEN" if isinstance(case, CaseIn) else "ABANDONED",
            is_test=self.is_test,
            warnings=warnings,
            referral_code=(case.referral_code or "").strip() or None,
            promo_codes=case.promo_codes,
            bundle_id=extras.bundle_id,
            idempotency_key=extras.idempotency_key,
        )

    def _product(self, position: int, product: CaseProductIn) -> CaseProduct:
        subscription = product.subscription
        return CaseProduct(
            organization_id=self.organization_id,
            id=uuid7(),
            case_id=self.case_id,
            product_id=product.id,
            position=position,
            subscription_interval=subscription.interval if subscription else None,
            subscription_interval_count=subscription.interval_count if subscription else None,
        )

    def _request(self, row: CaseProduct, sent: CaseProductIn, form: AnsweredForm | None) -> CaseProductRequest:
        return CaseProductRequest(
            organization_id=self.organization_id,
            id=uuid7(),
            case_product_id=row.id,
            form_response_id=form.response_id if form else None,
            visit_type=sent.visit_type,
        )

    def _response(self, form: AnsweredForm, version: Version) -> FormResponse:
        return FormResponse(
            organization_id=self.organization_id,
            id=form.response_id,
            case_id=self.case_id,
            form_version_id=version.id,
            patient_id=self.patient_id,
        )

    def _answers(self, form: AnsweredForm, version: Version) -> list[FormAnswer]:
        return [
            FormAnswer(
                organization_id=self.organization_id,
                id=answer.id,
                form_response_id=form.response_id,
                question_id=question_id,
                text=answer.text,
                sealed=answer.sealed,
            )
            for answer, question_id in zip(form.answers, version.question_ids, strict=True)
        ]

    def _attachments(self, form: AnsweredForm) -> list[Attachment]:
        return [
            file.attachment(
                self.data_key, self.organization_id, self.case_id, self.patient_id, answer.id, answer.is_phi
            )
            for answer in form.answers
            for file in answer.files
        ]
