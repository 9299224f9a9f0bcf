"""Writing into a case, opening and closing it, and its products, as storefronts do. Each act locks the case first."""

from uuid import UUID

import msgspec

from carelane import events
from carelane.cases.access import CloseAct, lock_open_case
from carelane.cases.actions import files_of, run_with_files, used_versions, wanted_versions
from carelane.cases.errors import CaseClosedError, CaseMoveError, CaseNotFoundError, CaseNotOursError
from carelane.cases.queries import ARCHIVE_NOTE, LockedCase, insert_into_case, lock_case
from carelane.cases.review.queries import update_archived, update_reopened, update_unassigned
from carelane.cases.rows import RowMaker, answered_forms
from carelane.cases.schemas import broken_subscriptions, of_forms
from carelane.cases.states import CaseStatus
from carelane.cases.storefront import queries
from carelane.cases.storefront.schemas import (
    AddCommunicationIn,
    AddedOut,
    AddedProductOut,
    CaseChangedOut,
    CaseProductUpdatedOut,
    ChangeStatusIn,
    CommentOfOut,
    CommunicationAddedOut,
    CommunicationIn,
    ProductsAddedOut,
    ProductsIn,
    SuccessOut,
    UpdateCaseProductIn,
)
from carelane.conversations.queries import AUTHOR, COMMENT_TEXT, Comment, insert_comment
from carelane.documents.actions import NewFile, read_files
from carelane.documents.queries import FILE_NAME, Attachment, insert_attachments
from carelane.event_names import EventType
from carelane.events import Event
from carelane.forms import schemas as forms
from carelane.forms.queries import find_versions
from carelane.forms.schemas import FileIn
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, Sealed
from carelane.kit.emails import is_email, mailbox_of
from carelane.kit.errors import FieldProblem, refuse
from carelane.kit.ids import parse_uuid, uuid7
from carelane.kit.phi import DataKey
from carelane.payments.decided import resume_payments, return_payments
from carelane.permissions import CASES_WRITE, requires
from carelane.promo_codes.actions import release_codes, retake_codes
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

# The place that the reason is bound to.
CLOSE_REASON = "case_products.close_reason_sealed"

_MAY_OPEN: frozenset[CaseStatus] = frozenset({"OPEN", "ASSIGNED", "ABANDONED"})
_TAKES_PRODUCTS: frozenset[CaseStatus] = frozenset({"OPEN", "ASSIGNED", "IN_PROGRESS", "NO_DECISION", "ABANDONED"})


@requires(CASES_WRITE)
async def change_status(
    services: Services,
    actor: Actor,
    ref: str,
    sent: ChangeStatusIn,
    request_key: RequestKey | None,
    on_closed: CloseAct | None = None,
) -> CaseChangedOut:
    """Opens, closes or reopens the case; `on_closed` is done in the transaction that closes it.

    Raises CaseNotOursError, CaseClosedError, CaseMoveError, and what `run_once` raises.
    """
    case_id = parse_uuid(ref)
    key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> CaseChangedOut:
        case = None if case_id is None else await lock_case(conn, actor.organization_id, case_id)
        if case is None:
            raise CaseNotOursError
        if sent.status == "REOPEN":
            return await _reopen(services, conn, actor, case, key)
        if case.is_archived:
            raise CaseClosedError("the case is archived; REOPEN it first")
        if sent.status == "OPEN":
            return await _open(conn, actor, case)
        if on_closed is not None:
            await on_closed(conn, actor, case.id)
        return await _close(services, conn, actor, case, key, sent.reason)

    return await run_once(services, actor, request_key, act)


async def _open(conn: Connection, actor: Actor, case: LockedCase) -> CaseChangedOut:
    if case.status not in _MAY_OPEN:
        raise CaseMoveError(f"the case is {case.status}; OPEN is possible for {', '.join(sorted(_MAY_OPEN))}")
    # One that is OPEN already waits for the worker, or has just been given back.
    if case.status != "OPEN":
        await update_unassigned(conn, actor.organization_id, case.id)
        event = _event(actor, case, "CHANGE_CASE_STATUS")
        await events.record(conn, msgspec.structs.replace(event, value_before=case.status, value_after="OPEN"))
    return CaseChangedOut(message="Case opened successfully")


async def _close(
    services: Services, conn: Connection, actor: Actor, case: LockedCase, key: DataKey, reason: str | None
) -> CaseChangedOut:
    """What is paid of an approved case stays paid; what is not is no longer asked for."""
    text = (reason or "").strip()
    note = key.seal(text.encode(), ARCHIVE_NOTE, case.id) if text else None
    await update_archived(conn, actor.organization_id, case.id, None, None, note)
    if case.status != "APPROVED":
        await release_codes(conn, actor.organization_id, case.id)
    await events.record(conn, _event(actor, case, "ARCHIVE_CASE"))
    await return_payments(services, conn, actor, case.id, is_paid_kept=case.status == "APPROVED")
    return CaseChangedOut(message="Case closed successfully")


async def _reopen(services: Services, conn: Connection, actor: Actor, case: LockedCase, key: DataKey) -> CaseChangedOut:
    if not case.is_archived:
        raise CaseMoveError("the case is not archived; REOPEN is possible for an archived case")
    await update_reopened(conn, actor.organization_id, case.id)
    await retake_codes(conn, actor.organization_id, case.id)
    await events.record(conn, _event(actor, case, "REOPEN_CASE"))
    await resume_payments(services, conn, actor, key, case.id, case.status)
    return CaseChangedOut(message="Case reopened successfully")


@requires(CASES_WRITE)
async def add_communication(
    services: Services, actor: Actor, ref: str, sent: AddCommunicationIn, request_key: RequestKey | None
) -> CommunicationAddedOut:
    """Writes a comment or a note with its files. Raises CaseNotFoundError, CaseClosedError, RuleBrokenError, and what `run_once`
    raises."""
    case_id, said = _id_of(ref), sent.communication
    key = await services.keyring.data_key(actor.organization_id)
    files, problems = _files(said, services.settings.max_document_bytes)
    if not is_email(said.author.email.strip()):
        problems.append(
            FieldProblem("communication.author.email", "expected an e-mail address such as name@example.com")
        )
    refuse(problems)

    async def act(conn: Connection) -> CommunicationAddedOut:
        case = await lock_open_case(conn, actor.organization_id, case_id)
        return CommunicationAddedOut(data=CommentOfOut(await _write(conn, actor, case, key, said, files)))

    return await run_with_files(act, files, services, actor, request_key)


def _files(said: CommunicationIn, most_bytes: int) -> tuple[list[NewFile], list[FieldProblem]]:
    sent = [FileIn(name=file.file_name, data=file.content) for file in said.attachments or ()]
    return read_files(sent, "communication.attachments", most_bytes) if sent else ([], [])


async def _write(
    conn: Connection, actor: Actor, case: LockedCase, key: DataKey, said: CommunicationIn, files: list[NewFile]
) -> UUID:
    """Whoever wrote it is found by the e-mail address; somebody whom nobody here knows is kept by name."""
    comment_id, organization_id = uuid7(), actor.organization_id
    author = await queries.find_author(conn, organization_id, case.id, mailbox_of(said.author.email.strip()))
    is_known = author.staff_id is not None or author.patient_id is not None
    comment = Comment(
        organization_id=organization_id,
        id=comment_id,
        case_id=case.id,
        text_sealed=key.seal(said.text.encode(), COMMENT_TEXT, comment_id),
        is_restricted=said.is_restricted,
        author_staff_id=author.staff_id,
        author_patient_id=author.patient_id,
        author_sealed=None if is_known else key.seal(msgspec.json.encode(said.author), AUTHOR, comment_id),
    )
    await insert_comment(conn, comment)
    rows = [
        Attachment(
            organization_id=organization_id,
            id=file.id,
            case_id=case.id,
            comment_id=comment_id,
            file_name_sealed=Sealed(key.seal(file.name.encode(), FILE_NAME, file.id)),
            content_type=file.content_type,
            size_bytes=len(file.content),
            storage_key=file.storage_key(organization_id),
            is_phi=sent.is_phi,
            is_restricted=sent.is_restricted or said.is_restricted,
            uploaded_by_staff_id=author.staff_id,
            uploaded_by_patient_id=author.patient_id,
        )
        for file, sent in zip(files, said.attachments or (), strict=True)
    ]
    await insert_attachments(conn, rows)
    event = msgspec.structs.replace(
        _event(actor, case, "ADD_CASE_COMMENT", comment_id),
        is_restricted=said.is_restricted,
        is_quiet=not said.webhook_notify,
    )
    await events.record(conn, event)
    return comment_id


@requires(CASES_WRITE)
async def update_case_product(
    services: Services, actor: Actor, ref: str, sent: UpdateCaseProductIn, request_key: RequestKey | None
) -> CaseProductUpdatedOut:
    """Closes a product of the case; closing it again changes nothing. Raises CaseNotFoundError, CaseClosedError, RuleBrokenError,
    and what `run_once` raises."""
    case_id, change = _id_of(ref), sent.case_product_input
    key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> CaseProductUpdatedOut:
        case = await lock_open_case(conn, actor.organization_id, case_id)
        rows = await queries.list_case_products(conn, actor.organization_id, case.id)
        named = [row for row in rows if change.product_id in {row.id, row.product_id}]
        if not named:
            refuse([FieldProblem("caseProductInput.productId", "expected a product of this case")])
        for row in (row for row in named if row.status != "CLOSE"):
            text = (change.reason or "").strip()
            sealed = key.seal(text.encode(), CLOSE_REASON, row.id) if text else None
            await queries.set_case_product_closed(conn, actor.organization_id, case.id, row.id, sealed)
            await events.record(conn, _event(actor, case, "CASE_PRODUCT_CLOSED", row.id))
        return CaseProductUpdatedOut(data=SuccessOut(success=True))

    return await run_once(services, actor, request_key, act)


@requires(CASES_WRITE)
async def add_products(
    services: Services, actor: Actor, ref: str, sent: ProductsIn, request_key: RequestKey | None
) -> ProductsAddedOut:
    """Adds products with their forms to a case that nobody has decided on. Raises CaseNotFoundError, CaseClosedError,
    CaseMoveError, RuleBrokenError, and what `run_once` raises."""
    case_id = _id_of(ref)
    key = await services.keyring.data_key(actor.organization_id)
    answered, wrong_files = answered_forms(sent.products, key, services.settings.max_document_bytes)
    refuse([*broken_subscriptions(sent.products), *of_forms(sent.products, forms.broken_rules), *wrong_files])

    async def act(conn: Connection) -> ProductsAddedOut:
        case = await lock_open_case(conn, actor.organization_id, case_id)
        if case.status not in _TAKES_PRODUCTS:
            raise CaseMoveError(f"the case is {case.status}; products are added until it is decided")
        there = await queries.list_case_products(conn, actor.organization_id, case.id)
        await _refuse_products(
            conn, actor.organization_id, sent, {row.product_id for row in there if row.status == "OPEN"}
        )
        found = await find_versions(conn, actor.organization_id, wanted_versions(answered))
        versions = await used_versions(conn, actor.organization_id, answered, found)
        maker = RowMaker(
            data_key=key,
            organization_id=actor.organization_id,
            case_id=case.id,
            patient_id=case.patient_id,
            is_test=case.is_test,
        )
        parts = maker.parts(sent.products, answered, versions, [], max((row.position + 1 for row in there), default=0))
        acts = [_event(actor, case, "CASE_PRODUCT_ADDED", row.id) for row in parts.products]
        numbered = [msgspec.structs.replace(one, case_sequence=place) for place, one in enumerate(acts, start=1)]
        parts = msgspec.structs.replace(parts, events=numbered)
        await insert_into_case(conn, actor.organization_id, case.id, parts, is_answer=False)
        added = [AddedProductOut(row.id, row.product_id) for row in parts.products]
        return ProductsAddedOut(data=AddedOut(case.id, added))

    return await run_with_files(act, files_of(answered), services, actor, request_key)


async def _refuse_products(conn: Connection, organization_id: UUID, sent: ProductsIn, there: set[UUID]) -> None:
    ids = [product.id for product in sent.products]
    known = await queries.list_known_products(conn, organization_id, ids)
    problems = []
    for index, product_id in enumerate(ids):
        place = f"products[{index}].id"
        if product_id not in known:
            problems.append(FieldProblem(place, f"expected a product of this organization; {product_id} is none"))
        elif product_id in there or product_id in ids[:index]:
            problems.append(FieldProblem(place, "expected a product that the case does not have"))
    refuse(problems)


def _id_of(ref: str) -> UUID:
    """Whatever is not an id names no case."""
    case_id = parse_uuid(ref)
    if case_id is None:
        raise CaseNotFoundError
    return case_id


def _event(
    actor: Actor,
    case: LockedCase,
    type: EventType,  # noqa: A002 - as in events.new_event
    target_id: UUID | None = None,
) -> Event:
    return events.new_event(actor, type, case.id, target_id=target_id, is_test=case.is_test)
