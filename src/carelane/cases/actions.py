"""Creating a case."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from carelane import events
from carelane.cases import queries
from carelane.cases.errors import CaseConflictError, CaseKeyUsedError
from carelane.cases.rows import AnsweredForm, Extras, RowMaker, answered_forms, patient_row
from carelane.cases.schemas import AbandonedCaseIn, CaseCreatedOut, CaseIn, CreatedOut, broken_rules, doubts
from carelane.documents.actions import NewFile, discard_files, store_files
from carelane.forms.actions import ensure_versions
from carelane.forms.queries import Version, WantedVersion
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, Cursor
from carelane.kit.errors import CarelaneError, FieldProblem, refuse
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey
from carelane.patients.queries import FoundPatient, read_found, upsert_patient
from carelane.payments.errors import GatewayAwayError
from carelane.payments.intake.check import Check, run_checked
from carelane.permissions import CASES_WRITE, requires
from carelane.promo_codes.actions import reserve_codes
from carelane.promo_codes.schemas import named_codes
from carelane.services import Services
from carelane.web.idempotency import ReplayedAnswer, RequestKey

AnswerT = TypeVar("AnswerT")

_NO_EXTRAS = Extras()
_OUR_FAULT = 500
# Staff see it at the case, and merge the two if they are one.
_DOUBLE = "user: another patient here has this e-mail address and the same name or birth date; if they are one person, merge them"


@requires(CASES_WRITE)
async def create_case(
    services: Services,
    actor: Actor,
    case: CaseIn | AbandonedCaseIn,
    request_key: RequestKey | None,
    case_id: UUID | None = None,
) -> CaseCreatedOut:
    """Writes the whole case in one transaction and returns the answer. Its id is made here unless given.

    Raises RuleBrokenError (with every broken rule), CaseConflictError, UnavailableError, and what `run_checked` raises.
    If it raises, nothing is kept.
    """
    data_key = await services.keyring.data_key(actor.organization_id)
    forms, wrong_files = answered_forms(case.products, data_key, services.settings.max_document_bytes)
    refuse([*broken_rules(case), *wrong_files])
    check = Check(services.settings, case.payment if isinstance(case, CaseIn) else None)

    async def act(conn: Connection) -> CaseCreatedOut:
        rows = await write_case(conn, actor, case, forms, data_key, check, case_id=case_id)
        return CaseCreatedOut(data=CreatedOut(rows.case.id))

    return await run_with_files(act, files_of(forms), services, actor, request_key, check)


def files_of(forms: dict[int, AnsweredForm]) -> list[NewFile]:
    """Those of all answers."""
    return [file for form in forms.values() for answer in form.answers for file in answer.files]


async def run_with_files(
    act: Callable[[Connection], Awaitable[AnswerT]],
    files: list[NewFile],
    services: Services,
    actor: Actor,
    request_key: RequestKey | None,
    check: Check | None = None,
) -> AnswerT:
    """Stores the files and runs `act` once; if it refuses, they are discarded. Raises what `run_checked` raises."""
    data_key = await services.keyring.data_key(actor.organization_id)
    try:
        await store_files(services.storage, data_key, actor.organization_id, files)
        return await run_checked(services, actor, request_key, act, check)
    except (CarelaneError, ReplayedAnswer) as refused:
        # After any failure of ours it is not known whether the case was committed, so its files stay: if no row names
        # them, the timed job of documents removes them.
        if isinstance(refused, ReplayedAnswer | GatewayAwayError) or refused.status < _OUR_FAULT:
            await discard_files(services.storage, actor.organization_id, files)
        raise


async def write_case(
    conn: Connection,
    actor: Actor,
    case: CaseIn | AbandonedCaseIn,
    forms: dict[int, AnsweredForm],
    data_key: DataKey,
    check: Check,
    extras: Extras = _NO_EXTRAS,
    case_id: UUID | None = None,
) -> queries.CaseRows:
    """Two round trips when the forms are known: all questions and the patient, then all rows and the commit.

    Raises RuleBrokenError, CaseKeyUsedError, CaseConflictError, and UncheckedReferenceError once, for `run_checked`.
    """
    organization_id, doubtful = actor.organization_id, [*doubts(case), *extras.doubts]
    wanted, key = wanted_versions(forms), extras.idempotency_key
    product_ids = [product.id for product in case.products]
    key_cursor = None if key is None else await queries.query_key_used(conn, organization_id, key)
    context_cursor = await queries.query_context(conn, organization_id, product_ids, wanted, is_test=bool(case.is_test))
    patient_cursor = await _find_patient(conn, organization_id, case, check)
    await check.query(conn, organization_id)
    # An abandoned cart buys nothing, so it takes no use of a code.
    codes = named_codes(case.promo_codes) if isinstance(case, CaseIn) else []
    reservation = await reserve_codes(conn, organization_id, codes, bundle_id=extras.bundle_id, product_ids=product_ids)
    if key_cursor is not None and (await key_cursor.fetchall())[0][0]:
        raise CaseKeyUsedError
    context = await queries.read_context(context_cursor)
    patient = await read_found(patient_cursor)
    refused = [*_unknown_products(case, context), *(doubtful if context.profile == "strict" else ())]
    refuse([*refused, *await reservation.read_problems()])
    _refuse_second(case, patient)
    maker = _maker(data_key, organization_id, case, case_id, patient)
    paid = await check.take(maker.payment_of, case.user.email, context.terms)
    versions = await used_versions(conn, organization_id, forms, context.versions)
    event = events.new_event(actor, "CREATE_CASE", maker.case_id, is_test=maker.is_test)
    new_case = maker.case(case, patient, context, _warnings(extras, doubtful, patient), extras)
    rows = maker.rows(new_case, case, forms, versions, event, paid)
    await queries.insert_case(conn, rows, paid)
    await check.keep(conn, actor, paid)
    await reservation.keep(conn, organization_id, rows.case.id)
    return rows


def _maker(
    data_key: DataKey,
    organization_id: UUID,
    case: CaseIn | AbandonedCaseIn,
    case_id: UUID | None,
    patient: FoundPatient,
) -> RowMaker:
    return RowMaker(
        data_key=data_key,
        organization_id=organization_id,
        case_id=case_id or uuid7(),
        patient_id=patient.id,
        is_test=bool(case.is_test),
    )


async def _find_patient(
    conn: Connection, organization_id: UUID, case: CaseIn | AbandonedCaseIn, check: Check
) -> Cursor:
    """Whoever leaves a cart behind has confirmed nothing, so it only finds."""
    return await upsert_patient(
        conn,
        patient_row(organization_id, case.user, check.patient_id),
        has_address=case.user.shipping_address is not None,
        only_finds=isinstance(case, AbandonedCaseIn),
    )


def _warnings(extras: Extras, doubtful: list[FieldProblem], patient: FoundPatient) -> list[str]:
    told = [*extras.warnings, *(f"{doubt.field}: {doubt.problem}" for doubt in doubtful)]
    return [*told, _DOUBLE] if patient.has_double else told


def wanted_versions(forms: dict[int, AnsweredForm]) -> list[WantedVersion]:
    """Those that are to be found or made."""
    return [form.wanted for form in forms.values() if form.version is None]


async def used_versions(
    conn: Connection, organization_id: UUID, forms: dict[int, AnsweredForm], found: list[Version]
) -> list[Version]:
    """The version of each form; `found` are those of `wanted_versions` that exist, the others are made."""
    made = iter(await ensure_versions(conn, organization_id, wanted_versions(forms), found))
    return [form.version or next(made) for form in forms.values()]


def _unknown_products(case: CaseIn | AbandonedCaseIn, context: queries.CaseContext) -> list[FieldProblem]:
    known = {product.id for product in context.products}
    return [
        FieldProblem(f"products[{position}].id", f"expected a product of this organization; {product.id} is none")
        for position, product in enumerate(case.products)
        if product.id not in known
    ]


def _refuse_second(case: CaseIn | AbandonedCaseIn, patient: FoundPatient) -> None:
    """An abandoned cart needs nobody's attention, so it neither conflicts nor blocks a later case."""
    if patient.has_waiting and isinstance(case, CaseIn) and not case.force_create:
        raise CaseConflictError
