"""Reads of a whole case, or of the part that an event is about: found, opened, and the read recorded."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar
from uuid import UUID

import msgspec

from carelane import events
from carelane.calendar.views import link_appointments
from carelane.case_detail import queries
from carelane.case_detail.queries import Parts, Wanted, WantedExcerpt
from carelane.case_detail.schemas import CaseDetailOut, CaseDetailRecord, CaseExcerpt
from carelane.case_detail.views import attachments_of, open_case, open_excerpt
from carelane.cases.errors import CaseNotFoundError, CaseNotNamedError
from carelane.documents.reads import inline_documents, link_documents
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.emails import is_email, mailbox_of
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import DataKey, Phi, UnsealError
from carelane.permissions import CASES_READ, requires
from carelane.services import Services

EVERYTHING = Parts(attachments=True, calendar_events=True, orders=True, case_products=True)
_FORMATS = ("base64", "url")

RecordT = TypeVar("RecordT", CaseDetailRecord, CaseExcerpt)


class DetailQuery(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The query of a storefront as it was sent."""

    case_id: str | None
    email: str | None
    document_format: str | None
    parts: Parts

    def wanted(self) -> Wanted:
        """Raises InvalidRequestError, CaseNotNamedError, CaseNotFoundError."""
        if self.document_format is not None and self.document_format not in _FORMATS:
            raise InvalidRequestError(problems=[FieldProblem("documentFormat", "expected `base64` or `url`")])
        email = (self.email or "").strip()
        if not self.case_id and not email:
            raise CaseNotNamedError
        case_id = parse_uuid(self.case_id) if self.case_id else None
        # Whatever is not an id or an address names no case; the database would say the same.
        if (self.case_id and case_id is None) or (email and not is_email(email)):
            raise CaseNotFoundError
        mailbox = mailbox_of(email) if email else None
        return Wanted(case_id=case_id, mailbox=mailbox, parts=self.parts)


@requires(CASES_READ)
async def find_case(services: Services, actor: Actor, query: DetailQuery, base_url: str) -> CaseDetailOut:
    """The case that a storefront asks for. Links of its documents begin with `base_url`.

    Raises InvalidRequestError, CaseNotNamedError, CaseNotFoundError, DocumentsTooLargeError.
    """
    case = await _read(services, actor, query.wanted())
    await give_documents(services, actor.organization_id, [case], query.document_format, base_url)
    return case


async def give_documents(
    services: Services, organization_id: UUID, cases: list[CaseDetailRecord], document_format: str | None, base_url: str
) -> None:
    """Links appointments and documents, or inlines these where no links are wanted. Raises DocumentsTooLargeError."""
    for case in cases:
        _link_appointments(services, organization_id, case, base_url)
    attachments = [attachment for case in cases for attachment in attachments_of(case)]
    if document_format == "url":
        link_documents(services, organization_id, attachments, base_url)
    else:
        await inline_documents(services, organization_id, attachments)


@requires(CASES_READ)
async def get_case(services: Services, actor: Actor, ref: str, base_url: str) -> CaseDetailOut:
    """The whole case with all its parts, as staff see it. Raises CaseNotFoundError."""
    case_id = parse_uuid(ref)
    if case_id is None:
        raise CaseNotFoundError
    case = await _read(services, actor, Wanted(case_id=case_id, parts=EVERYTHING))
    _link_appointments(services, actor.organization_id, case, base_url)
    link_documents(services, actor.organization_id, attachments_of(case), base_url)
    return case


def _link_appointments(services: Services, organization_id: UUID, case: CaseDetailRecord, base_url: str) -> None:
    link_appointments(case.calendar_events or (), services.calendar_link_key, organization_id, base_url)


async def _read(services: Services, actor: Actor, wanted: Wanted) -> CaseDetailRecord:
    """An unknown case and another organization's are indistinguishable. The read is recorded before the case leaves."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        found = await read_case(conn, actor, data_key, wanted, "case detail")
    if found is None:
        raise CaseNotFoundError
    return found


async def read_case(
    conn: Connection, actor: Actor, data_key: DataKey, wanted: Wanted, reason: str
) -> CaseDetailRecord | None:
    """The case with its texts opened, within the caller's transaction; its documents are still to be linked or inlined.

    `reason` goes into the record of the read.
    """
    found = await queries.find_detail(conn, actor.organization_id, wanted)
    if found is not None:
        await events.record_read(conn, actor, "case", found.id, reason)
        open_case(found, data_key)
    return found


async def read_cases(
    conn: Connection, actor: Actor, data_key: DataKey, case_ids: Sequence[UUID], reason: str
) -> list[CaseDetailRecord | Exception | None]:
    """`read_case` of many at once, each with all its parts; one that does not open is its error."""
    found = await queries.list_details(conn, actor.organization_id, case_ids) if case_ids else []
    return await _open_all(conn, actor, reason, found, partial(open_case, key=data_key))


async def read_excerpts(
    conn: Connection, actor: Actor, data_key: DataKey, wanted: Sequence[WantedExcerpt], reason: str
) -> list[CaseExcerpt | Exception | None]:
    """`read_cases` for whoever needs one thing of each case: a tenth of the work."""
    found = await queries.list_excerpts(conn, actor.organization_id, wanted)
    return await _open_all(conn, actor, reason, found, partial(open_excerpt, key=data_key))


async def _open_all(
    conn: Connection, actor: Actor, reason: str, found: Sequence[RecordT | None], open_one: Callable[[RecordT], None]
) -> list[RecordT | Exception | None]:
    await events.record_reads(conn, actor, "case", [one.id for one in found if one is not None], reason)
    return [one and _opened(one, open_one) for one in found]


def _opened(record: RecordT, open_one: Callable[[RecordT], None]) -> RecordT | Exception:
    try:
        open_one(record)
    except (UnsealError, msgspec.MsgspecError) as error:
        return error
    return record
