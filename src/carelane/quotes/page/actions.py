"""What a patient does on the page: view the quote, show who they are, answer. Each is one transaction, recorded as the patient's."""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

import msgspec

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.kit.languages import language
from carelane.kit.phi import Phi
from carelane.patients.queries import set_language
from carelane.permissions import QUOTES_OWN, requires
from carelane.quotes import actions as quote_actions
from carelane.quotes.errors import QuotePastDateError
from carelane.quotes.expire import expire_if_past
from carelane.quotes.page import access, queries
from carelane.quotes.page.access import KnownPatient, PageKind, QuoteLink
from carelane.quotes.page.queries import PageRow, Tries
from carelane.quotes.page.views import QuoteShown, show_quote
from carelane.quotes.queries import lock_quote
from carelane.quotes.respond import Answer, PatientResponse, answer_quote
from carelane.services import Services

Outcome = Literal["right", "wrong", "locked", "unreadable"]


class PageSeen(Phi, msgspec.Struct, frozen=True):
    """What the page is made from. `quote` is set when it may be shown."""

    row: PageRow
    kind: PageKind
    quote: QuoteShown | None


class Verification(msgspec.Struct, frozen=True):
    """What came of a try. `message` says what to do about it."""

    outcome: Outcome
    message: str = ""


class AnswerGiven(Phi, msgspec.Struct, frozen=True, kw_only=True):
    answer: Answer
    message: str | None
    # That of the quote the patient read.
    revision: int


@requires(QUOTES_OWN)
async def view_page(services: Services, actor: Actor, link: QuoteLink, *, is_verified: bool) -> PageSeen:
    """The first view of a sent quote makes it VIEWED. Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        row = await queries.find_page(conn, actor.organization_id, link.quote_id)
        if row is None:
            raise RecordNotFoundError
        kind = access.page_kind(row, link, clock.now(), is_verified=is_verified)
        if kind not in {"open", "answered"}:
            return PageSeen(row, kind, None)
        patient = msgspec.structs.replace(actor, id=row.patient_id)
        await events.record_read(conn, patient, "quote", row.id, "the patient's page")
        if row.status == "SENT":
            await _mark_viewed(conn, patient, link)
        return PageSeen(row, kind, show_quote(data_key, row))


async def _mark_viewed(conn: Connection, patient: Actor, link: QuoteLink) -> None:
    quote = await lock_quote(conn, patient.organization_id, link.quote_id)
    if quote is not None:
        await quote_actions.mark_viewed(conn, patient, quote)


@requires(QUOTES_OWN)
async def verify_reader(
    services: Services, actor: Actor, link: QuoteLink, known: KnownPatient, form: Mapping[str, str]
) -> Verification:
    """One try. The quote's row is locked while it is counted, so that simultaneous guesses are counted one by one."""
    try:
        is_right = access.is_right(known, form)
    except access.UnreadableError as error:
        return Verification("unreadable", str(error))
    async with services.db.transaction(actor) as conn:
        tries = await queries.lock_tries(conn, actor.organization_id, link.quote_id)
        counted = access.count_try(tries, link.version, is_right=is_right)
        if counted is None:
            return Verification("locked")
        await queries.set_tries(conn, actor.organization_id, link.quote_id, counted)
        if counted.locks > tries.locks:
            await _record_lock(conn, actor, link, counted)
    if is_right:
        return Verification("right")
    if counted.locks > tries.locks:
        return Verification("locked")
    return Verification("wrong", access.tries_left(counted))


async def _record_lock(conn: Connection, actor: Actor, link: QuoteLink, counted: Tries) -> None:
    """So that staff see that somebody guesses, and can call the patient."""
    until = counted.unlocks_at.isoformat(timespec="seconds").replace("+00:00", "Z") if counted.unlocks_at else ""
    said = "CLOSED" if counted.is_closed else until
    await events.record(
        conn, events.new_event(actor, "QUOTE_PAGE_LOCKED", None, target_id=link.quote_id, value_after=said)
    )


async def renew_link(conn: Connection, organization_id: UUID, quote_id: UUID) -> None:
    """Makes the links of before worthless, and forgets the tries, if the page is closed for good."""
    tries = await queries.lock_tries(conn, organization_id, quote_id)
    if tries.is_closed:
        fresh = Tries(failed=0, wrong=0, locks=0, unlocks_at=None, is_closed=False, version=tries.version + 1)
        await queries.set_tries(conn, organization_id, quote_id, fresh)


@requires(QUOTES_OWN)
async def answer_page(services: Services, actor: Actor, link: QuoteLink, given: AnswerGiven) -> bool:
    """Whether the answer was taken. If not, the quote is no longer what was shown, and the page says what it is now.

    `actor` is the patient by id. Raises RecordNotFoundError.
    """
    data_key = await services.keyring.data_key(actor.organization_id)
    response = PatientResponse(given.message)
    try:
        async with services.db.transaction(actor) as conn:
            quote = await lock_quote(conn, actor.organization_id, link.quote_id)
            if quote is None:
                raise RecordNotFoundError
            await answer_quote(conn, actor, data_key, quote, given.answer, response, given.revision)
            await set_language(conn, actor.organization_id, quote.patient_id, language())
    except QuotePastDateError:
        await expire_if_past(services.db, actor, link.quote_id)
        return False
    except ConflictError:
        return False
    return True
