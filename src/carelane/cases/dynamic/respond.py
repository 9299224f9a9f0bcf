"""Adding a form to a case that is there, as long as it is not archived."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from carelane import events
from carelane.cases.access import lock_open_case
from carelane.cases.actions import files_of, run_with_files, used_versions, wanted_versions
from carelane.cases.dynamic.queries import get_referred
from carelane.cases.dynamic.rows import ReadForm, payment_of, read_known, read_titled
from carelane.cases.dynamic.schemas import (
    DynamicCaseCreatedOut,
    DynamicCaseIn,
    DynamicCreatedOut,
    DynamicFormIn,
    DynamicQuestionIn,
)
from carelane.cases.errors import CaseNotFoundError
from carelane.cases.queries import LockedCase, insert_into_case
from carelane.cases.rows import AnsweredForm, RowMaker
from carelane.forms.queries import find_versions
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, refuse
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import DataKey
from carelane.payments.intake.check import Check
from carelane.payments.intake.queries import PaymentRows, get_email, get_intake_terms, insert_parts, insert_payment
from carelane.payments.intake.rows import PaymentOf
from carelane.payments.schemas import broken_rules
from carelane.permissions import CASES_WRITE, requires
from carelane.services import Services
from carelane.settings import Settings
from carelane.web.idempotency import RequestKey


class Brought:
    """What a body brings to pay with, if it does: taken in where the organization has a gateway, else passed over."""

    def __init__(self, settings: Settings, sent: DynamicCaseIn | None, currency: str) -> None:
        self._sent = sent
        self._payment = payment_of(sent, currency) if sent else None
        self.check = Check(settings, self._payment)

    async def take(self, conn: Connection, actor: Actor, case: LockedCase) -> PaymentRows | None:
        """Raises RuleBrokenError, and what `Check.take` raises."""
        if self._sent is None or self._payment is None or self.check.reference is None:
            return None
        terms = await get_intake_terms(conn, actor.organization_id, is_test=case.is_test)
        if not terms.are_verified:
            return None
        refuse(broken_rules(self._payment))
        await self.check.query(conn, actor.organization_id)
        whose = PaymentOf(
            organization_id=actor.organization_id, case_id=case.id, patient_id=case.patient_id, is_test=case.is_test
        )
        return await self.check.take(whose, await get_email(conn, actor.organization_id, case.patient_id), terms)

    async def write(self, conn: Connection, actor: Actor, case: LockedCase, paid: PaymentRows | None) -> None:
        if paid is None:
            return
        await insert_payment(conn, paid.payment)
        await insert_parts(conn, paid.parts)
        added = events.new_event(actor, "PAYMENT_ADDED", case.id, target_id=paid.payment.id, is_test=case.is_test)
        await events.record(conn, added)
        await self.check.keep(conn, actor, paid)


@requires(CASES_WRITE)
async def add_form(
    services: Services,
    actor: Actor,
    sent: DynamicFormIn,
    request_key: RequestKey | None,
    form_id: UUID | None = None,
    brought_by: DynamicCaseIn | None = None,
) -> DynamicCaseCreatedOut:
    """Writes the form's answers into the case, which waits for the patient no longer. `form_id`: the form is that one.
    `brought_by`: the body that may bring a payment too.

    Raises CaseNotFoundError, CaseClosedError, RuleBrokenError (with every broken rule), and what `run_checked` raises.
    """
    case_id = parse_uuid(sent.case_id.strip())
    if case_id is None:
        raise CaseNotFoundError
    read, currency = await _read_form(services, actor, sent, form_id)
    payment = Brought(services.settings, brought_by, currency)
    data_key = await services.keyring.data_key(actor.organization_id)
    form, wrong_files = read.answered(data_key, services.settings.max_document_bytes)
    refuse([*read.problems, *wrong_files])

    async def act(conn: Connection) -> DynamicCaseCreatedOut:
        case = await lock_open_case(conn, actor.organization_id, case_id)
        paid = await payment.take(conn, actor, case)
        await _write(conn, actor, case, form, data_key)
        await payment.write(conn, actor, case, paid)
        ids = (paid.payment.id,) if paid else ()
        return DynamicCaseCreatedOut(data=DynamicCreatedOut(case.id, form.response_id, *ids))

    return await run_with_files(act, files_of({0: form}), services, actor, request_key, payment.check)


async def _read_form(
    services: Services, actor: Actor, sent: DynamicFormIn, form_id: UUID | None
) -> tuple[ReadForm, str]:
    """With the organization's currency."""
    async with services.db.reading(actor.organization_id) as conn:
        referred = await get_referred(conn, actor.organization_id, form_id=form_id, question_ids=ids_of(sent.questions))
    if form_id is None:
        title = sent.form_title.strip()
        read = read_titled(title, sent.form_description, sent.questions, referred.questions)
        return read, referred.currency
    if referred.form is None:
        refuse([FieldProblem("formId", "expected the id of a form of this organization")])
    assert referred.form is not None
    return read_known(referred.form, sent.questions, is_whole=True), referred.currency


def ids_of(questions: Iterable[DynamicQuestionIn]) -> list[UUID]:
    """Those of the questions' ids that can be ours."""
    ids = (parse_uuid((question.question_id or "").strip()) for question in questions)
    return [one for one in ids if one is not None]


async def _write(conn: Connection, actor: Actor, case: LockedCase, form: AnsweredForm, data_key: DataKey) -> None:
    organization_id, forms = actor.organization_id, {0: form}
    found = await find_versions(conn, organization_id, wanted_versions(forms))
    versions = await used_versions(conn, organization_id, forms, found)
    maker = RowMaker(
        data_key=data_key,
        organization_id=organization_id,
        case_id=case.id,
        patient_id=case.patient_id,
        is_test=case.is_test,
    )
    event = events.new_event(actor, "ADD_FORM_RESPONSE", case.id, target_id=form.response_id, is_test=case.is_test)
    parts = maker.parts([], forms, versions, [msgspec.structs.replace(event, is_phi=True)])
    await insert_into_case(conn, organization_id, case.id, parts, is_answer=True)
