"""Adding a form to a case that is there, as long as it is not archived."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from carelane import events
from carelane.cases.access import lock_open_case
from carelane.cases.actions import files_of, run_with_files, used_versions, wanted_versions
from carelane.cases.dynamic.queries import get_referred
from carelane.cases.dynamic.rows import ReadForm, read_known, read_titled
from carelane.cases.dynamic.schemas import (
    DynamicCaseCreatedOut,
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
from carelane.permissions import CASES_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey


@requires(CASES_WRITE)
async def add_form(
    services: Services,
    actor: Actor,
    sent: DynamicFormIn,
    request_key: RequestKey | None,
    form_id: UUID | None = None,
) -> DynamicCaseCreatedOut:
    """Writes the form's answers into the case, which waits for the patient no longer. `form_id`: the form is that one.

    Raises CaseNotFoundError, CaseClosedError, RuleBrokenError (with every broken rule), and what `run_once` raises.
    """
    case_id = parse_uuid(sent.case_id.strip())
    if case_id is None:
        raise CaseNotFoundError
    read = await _read_form(services, actor, sent, form_id)
    data_key = await services.keyring.data_key(actor.organization_id)
    form, wrong_files = read.answered(data_key, services.settings.max_document_bytes)
    refuse([*read.problems, *wrong_files])

    async def act(conn: Connection) -> DynamicCaseCreatedOut:
        case = await lock_open_case(conn, actor.organization_id, case_id)
        await _write(conn, actor, case, form, data_key)
        return DynamicCaseCreatedOut(data=DynamicCreatedOut(case.id, form.response_id))

    return await run_with_files(act, files_of({0: form}), services, actor, request_key)


async def _read_form(services: Services, actor: Actor, sent: DynamicFormIn, form_id: UUID | None) -> ReadForm:
    async with services.db.reading(actor.organization_id) as conn:
        referred = await get_referred(conn, actor.organization_id, form_id=form_id, question_ids=ids_of(sent.questions))
    if form_id is None:
        return read_titled(sent.form_title.strip(), sent.form_description, sent.questions, referred.questions)
    if referred.form is None:
        refuse([FieldProblem("formId", "expected the id of a form of this organization")])
    assert referred.form is not None
    return read_known(referred.form, sent.questions, is_whole=True)


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
