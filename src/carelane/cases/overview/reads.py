"""Cases in short: permission, tenant, and a record of each case that somebody saw."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from carelane import events
from carelane.cases.errors import CaseNotFoundError, PatientNotNamedError
from carelane.cases.overview import queries
from carelane.cases.overview.queries import CaseOverview, OrderedProduct
from carelane.cases.queries import ARCHIVE_NOTE
from carelane.kit.auth import Actor
from carelane.kit.damage import shown
from carelane.kit.emails import is_email, mailbox_of
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import DataKey
from carelane.kit.phones import to_e164
from carelane.permissions import CASES_READ, requires
from carelane.services import Services

MAX_PAGE_SIZE = 100
_REASON = "case overview"


class OverviewPage(msgspec.Struct, frozen=True):
    """`cursor` is what the next page comes after, while there is one."""

    cases: list[CaseOverview]
    cursor: str | None


@requires(CASES_READ)
async def list_by_refs(services: Services, actor: Actor, refs: Sequence[str]) -> list[CaseOverview | None]:
    """The cases in the order of `refs`; None for an unknown one, and for another organization's."""
    ids = [parse_uuid(ref) for ref in refs]
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        found = await queries.list_by_ids(conn, actor.organization_id, [one for one in ids if one is not None])
        await events.record_reads(conn, actor, "case", [case.id for case in found], _REASON)
    opened = {case.id: _open(case, data_key) for case in found}
    return [opened.get(one) if one else None for one in ids]


@requires(CASES_READ)
async def list_page(services: Services, actor: Actor, after: str | None, limit: int) -> OverviewPage:
    """One page of all cases, newest first. Raises InvalidRequestError."""
    after_id = None if after is None else parse_uuid(after)
    problems = []
    if after is not None and after_id is None:
        problems.append(FieldProblem("after", "expected the cursor of the page before"))
    if not 1 <= limit <= MAX_PAGE_SIZE:
        problems.append(FieldProblem("limit", f"expected a whole number from 1 to {MAX_PAGE_SIZE}"))
    if problems:
        raise InvalidRequestError(problems=problems)
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        # One more than is shown tells whether there is a next page.
        found = await queries.list_page(conn, actor.organization_id, after_id, limit + 1)
        shown = found[:limit]
        await events.record_reads(conn, actor, "case", [case.id for case in shown], _REASON)
    cursor = str(shown[-1].id) if len(found) > limit else None
    return OverviewPage([_open(case, data_key) for case in shown], cursor)


@requires(CASES_READ)
async def list_products(services: Services, actor: Actor, case_ids: Iterable[UUID]) -> dict[UUID, list[OrderedProduct]]:
    """The products of cases that the caller has read, which is recorded already; by the case's id."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_products(conn, actor.organization_id, case_ids)
    products: dict[UUID, list[OrderedProduct]] = {}
    for product in found:
        products.setdefault(product.case_id, []).append(product)
    return products


@requires(CASES_READ)
async def find_latest_id(services: Services, actor: Actor, email: str | None, phone: str | None) -> UUID:
    """The newest case of whoever has the e-mail address or, without one, the telephone number.

    Raises PatientNotNamedError, CaseNotFoundError.
    """
    email, phone = (email or "").strip(), (phone or "").strip()
    if not email and not phone:
        raise PatientNotNamedError
    # A plus that was not escaped has become a blank, which is stripped by now.
    number = None if email else to_e164(phone) or to_e164(f"+{phone}")
    if (email and not is_email(email)) or (not email and number is None):
        raise CaseNotFoundError
    mailbox = mailbox_of(email) if email else None
    async with services.db.transaction(actor) as conn:
        found = await queries.find_latest_id(conn, actor.organization_id, mailbox=mailbox, phone=number)
        if found is None:
            raise CaseNotFoundError
        await events.record_read(conn, actor, "case", found, "latest case")
    return found


def _open(case: CaseOverview, data_key: DataKey) -> CaseOverview:
    if case.archive_note is None:
        return case
    note = shown(data_key, bytes.fromhex(case.archive_note), ARCHIVE_NOTE, case.id)
    return msgspec.structs.replace(case, archive_note=note)
