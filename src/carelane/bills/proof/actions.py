"""Trying to show that one is the patient, on a page or through a storefront's server: each try is counted, right or wrong."""

from collections.abc import Mapping
from uuid import UUID

from carelane import events
from carelane.bills.proof import queries
from carelane.bills.proof.access import known_of
from carelane.bills.proof.queries import ProofRow
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.languages import language
from carelane.patients.queries import set_language
from carelane.permissions import PAYMENTS_OWN, requires
from carelane.quotes.page.access import UnreadableError, count_try, is_right, tries_left
from carelane.quotes.page.actions import Verification
from carelane.quotes.page.queries import Tries
from carelane.services import Services


@requires(PAYMENTS_OWN)
async def verify_reader(
    services: Services, actor: Actor, row: ProofRow, version: int, form: Mapping[str, str]
) -> Verification:
    """One try of whoever holds a link."""
    try:
        is_good = is_right(known_of(row), form)
    except UnreadableError as error:
        return Verification("unreadable", str(error))
    async with services.db.transaction(actor) as conn:
        if is_good:
            await set_language(conn, actor.organization_id, row.patient.id, language())
        return await count(conn, actor, row.patient.id, version, is_good=is_good)


async def count(
    conn: Connection, actor: Actor, patient_id: UUID, version: int | None, *, is_good: bool
) -> Verification:
    """The patient's tries are locked while it is counted, so that simultaneous guesses are counted one by one. `version` is that of
    the link; None: there was none."""
    tries = await queries.lock_tries(conn, actor.organization_id, patient_id)
    counted = count_try(tries, tries.version if version is None else version, is_right=is_good)
    if counted is None:
        return Verification("locked")
    await queries.set_tries(conn, actor.organization_id, patient_id, counted)
    if counted.locks > tries.locks:
        await _record_lock(conn, actor, patient_id, counted)
    if is_good:
        return Verification("right")
    return Verification("locked") if counted.locks > tries.locks else Verification("wrong", tries_left(counted))


async def renew_link(conn: Connection, organization_id: UUID, patient_id: UUID) -> None:
    """Makes the links of before worthless, and forgets the tries, if the pages were closed for good."""
    tries = await queries.lock_tries(conn, organization_id, patient_id)
    if tries.is_closed:
        fresh = Tries(failed=0, wrong=0, locks=0, unlocks_at=None, is_closed=False, version=tries.version + 1)
        await queries.set_tries(conn, organization_id, patient_id, fresh)


async def _record_lock(conn: Connection, actor: Actor, patient_id: UUID, counted: Tries) -> None:
    """So that staff see that somebody guesses, and can call the patient."""
    until = counted.unlocks_at.isoformat(timespec="seconds").replace("+00:00", "Z") if counted.unlocks_at else ""
    said = "CLOSED" if counted.is_closed else until
    locked = events.new_event(actor, "BILL_PAGE_LOCKED", None, target_id=patient_id, value_after=said)
    await events.record(conn, locked)
