"""What a patient does on the page: look, show who they are, answer. Each is one transaction, recorded as the patient's."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

import msgspec

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import Actor, system_actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError
from carelane.kit.phi import Phi
from carelane.quotes import actions as quote_actions
from carelane.quotes import expiry
from carelane.quotes.actions import Answer
from carelane.quotes.errors import QuotePastDateError
from carelane.quotes.links import QuoteLink
from carelane.quotes.page import access, identity, queries
from carelane.quotes.page.access import Kind, QuoteShown
from carelane.quotes.page.queries import PageRow, Tries
from carelane.quotes.queries import lock_quote
from carelane.services import Services

MOST_WRONG_TRIES = 5
LOCKED_MINUTES = 15
_READ_REASON = "the patient's page"

Outcome = Literal["right", "wrong", "locked", "unreadable"]


class Sight(Phi, msgspec.Struct, frozen=True):
    """What the page is made from. `quote` is there when it may be shown."""

    row: PageRow
    kind: Kind
    quote: QuoteShown | None


class Checked(msgspec.Struct, frozen=True):
    """What came of a try. `message`: what to mend."""

    outcome: Outcome
    message: str = ""


async def look(services: Services, link: QuoteLink, request_id: str | None, *, is_verified: bool) -> Sight | None:
    """The first sight of a sent quote makes it VIEWED. None: there is no such quote."""
    data_key = await services.keyring.data_key(link.organization_id)
    # Whose page it is follows from the quote; until it is found, only the organization counts.
    async with services.db.transaction(system_actor(link.organization_id, request_id)) as conn:
        row = await queries.find_page(conn, link.organization_id, link.quote_id)
        if row is None:
            return None
        kind = access.kind_of(row, clock.now(), is_verified=is_verified)
        if kind not in {"open", "answered"}:
            return Sight(row, kind, None)
        patient = _patient(link, row, request_id)
        await events.record_read(conn, patient, "quote", row.id, _READ_REASON)
        if row.status == "SENT":
            await _mark_viewed(conn, patient, link)
        return Sight(row, kind, access.show(data_key, row))


async def _mark_viewed(conn: Connection, patient: Actor, link: QuoteLink) -> None:
    quote = await lock_quote(conn, link.organization_id, link.quote_id)
    if quote is not None:
        await quote_actions.mark_viewed(conn, patient, quote)


async def verify(services: Services, link: QuoteLink, form: Mapping[str, str], row: PageRow) -> Checked:
    """One try. The quote's row is held while it is counted, so that any number of guesses at once count one by one."""
    try:
        is_right = identity.is_right(access.known_of(row), form)
    except identity.UnreadableError as error:
        return Checked("unreadable", str(error))
    async with services.db.transaction(system_actor(link.organization_id)) as conn:
        tries = await queries.lock_tries(conn, link.organization_id, link.quote_id)
        counted = _count(tries, is_right=is_right)
        if counted is None:
            return Checked("locked")
        await queries.set_tries(conn, link.organization_id, link.quote_id, counted)
    if is_right:
        return Checked("right")
    return Checked("locked") if counted.unlocks_at else Checked("wrong", _left(MOST_WRONG_TRIES - counted.failed))


def _count(tries: Tries, *, is_right: bool) -> Tries | None:
    """None while it is locked: then even the right answer is none."""
    now = clock.now()
    if tries.unlocks_at is not None and tries.unlocks_at > now:
        return None
    if is_right:
        return Tries(0, None)
    if tries.failed + 1 < MOST_WRONG_TRIES:
        return Tries(tries.failed + 1, None)
    return Tries(0, now + timedelta(minutes=LOCKED_MINUTES))


def _left(tries: int) -> str:
    more = "1 more try" if tries == 1 else f"{tries} more tries"
    return f"That does not match what the clinic has on file. You have {more}."


async def answer(
    services: Services,
    link: QuoteLink,
    row: PageRow,
    given: Answer,
    message: str | None,
    revision: int,
    request_id: str | None,
) -> bool:
    """Whether the answer was taken; if not, the quote is no longer what was shown, and the page says what it is now."""
    data_key = await services.keyring.data_key(link.organization_id)
    patient = _patient(link, row, request_id)
    try:
        async with services.db.transaction(patient) as conn:
            await quote_actions.respond(conn, patient, data_key, link.quote_id, given, message, None, revision)
    except QuotePastDateError:
        await expiry.expire_if_past(services.db, patient, link.quote_id)
        return False
    except ConflictError:
        return False
    return True


def _patient(link: QuoteLink, row: PageRow, request_id: str | None) -> Actor:
    return Actor(link.organization_id, "patient", row.patient_id, request_id=request_id)
