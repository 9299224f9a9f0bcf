"""Creating a dynamic case."""

from uuid import UUID

from carelane.cases.actions import files_of, run_with_files, write_case
from carelane.cases.dynamic.queries import Referred, get_referred
from carelane.cases.dynamic.respond import add_form, ids_of
from carelane.cases.dynamic.rows import (
    ReadForm,
    address_problems,
    amount_problems,
    as_sent,
    make_case,
    read_known,
    read_titled,
    reference_name,
    warnings_of,
)
from carelane.cases.dynamic.schemas import (
    DynamicCaseCreatedOut,
    DynamicCaseIn,
    DynamicCreatedOut,
    DynamicFormIn,
    id_named,
)
from carelane.cases.rows import Extras
from carelane.cases.schemas import CaseIn, broken_rules
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, RuleBrokenError, refuse
from carelane.payments.intake.check import Check
from carelane.permissions import CASES_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey


@requires(CASES_WRITE)
async def create_dynamic_case(
    services: Services, actor: Actor, sent: DynamicCaseIn, request_key: RequestKey | None
) -> DynamicCaseCreatedOut:
    """Writes the case in one transaction; of a body with a `caseId`, only its form and its payment, into that case.

    Raises InvalidRequestError, RuleBrokenError (with every broken rule), CaseKeyUsedError, CaseConflictError, CaseNotFoundError,
    ActRefusedError, and what `run_once` raises. If it raises, nothing is kept.
    """
    try:
        if (sent.case_id or "").strip():
            return await _add_form(services, actor, sent, request_key)
        return await _create_case(services, actor, sent, request_key)
    except RuleBrokenError as error:
        raise RuleBrokenError(problems=as_sent(error.problems, reference_name(sent))) from error


async def _add_form(
    services: Services, actor: Actor, sent: DynamicCaseIn, request_key: RequestKey | None
) -> DynamicCaseCreatedOut:
    title = (sent.form_title or "").strip()
    body = DynamicFormIn(
        case_id=str(sent.case_id),
        form_title=title or "-",
        questions=sent.questions,
        form_description=sent.form_description,
    )
    return await add_form(services, actor, body, request_key, id_named("formId", sent.form_id), brought_by=sent)


async def _create_case(
    services: Services, actor: Actor, sent: DynamicCaseIn, request_key: RequestKey | None
) -> DynamicCaseCreatedOut:
    bundle_id, form_id = id_named("productBundleId", sent.product_bundle_id), id_named("formId", sent.form_id)
    async with services.db.reading(actor.organization_id) as conn:
        referred = await get_referred(
            conn, actor.organization_id, bundle_id=bundle_id, form_id=form_id, question_ids=ids_of(sent.questions)
        )
    refuse([*amount_problems(sent), *_unknown(bundle_id, form_id, referred)])
    return await _create(services, actor, sent, referred, request_key)


def _unknown(bundle_id: UUID | None, form_id: UUID | None, referred: Referred) -> list[FieldProblem]:
    problems = []
    if bundle_id is not None and referred.bundle is None:
        problems.append(FieldProblem("productBundleId", "expected the id of a bundle of this organization"))
    if form_id is not None and referred.form is None:
        problems.append(FieldProblem("formId", "expected the id of a form of this organization"))
    return problems


async def _create(
    services: Services, actor: Actor, sent: DynamicCaseIn, referred: Referred, request_key: RequestKey | None
) -> DynamicCaseCreatedOut:
    data_key = await services.keyring.data_key(actor.organization_id)
    read = _read_form(sent, referred)
    case = make_case(sent, referred, read.visit_type)
    form, wrong_files = read.answered(data_key, services.settings.max_document_bytes)
    refuse([*broken_rules(case), *address_problems(sent), *read.problems, *wrong_files])
    extras = Extras(
        bundle_id=referred.bundle.id if referred.bundle else None,
        idempotency_key=(sent.idempotency_key or "").strip() or None,
        title=form.wanted.name,
        warnings=list(warnings_of(sent, referred)),
        doubts=read.doubts,
    )

    check = Check(services.settings, case.payment if isinstance(case, CaseIn) else None)

    async def act(conn: Connection) -> DynamicCaseCreatedOut:
        rows = await write_case(conn, actor, case, {0: form}, data_key, check, extras)
        created = DynamicCreatedOut(rows.case.id, form.response_id, *(payment.id for payment in rows.payments))
        return DynamicCaseCreatedOut(data=created)

    return await run_with_files(act, files_of({0: form}), services, actor, request_key, check)


def _read_form(sent: DynamicCaseIn, referred: Referred) -> ReadForm:
    is_whole = not sent.is_abandoned
    if referred.form is not None:
        return read_known(referred.form, sent.questions, is_whole=is_whole)
    title = (sent.form_title or "").strip()
    return read_titled(title, sent.form_description, sent.questions, referred.questions, is_whole=is_whole)
