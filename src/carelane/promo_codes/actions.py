"""Taking and giving back uses of promo codes, and changing codes; all in the caller's transaction."""

from collections.abc import Iterable
from uuid import UUID

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, Cursor
from carelane.kit.errors import FieldProblem
from carelane.permissions import CATALOG_WRITE, requires
from carelane.promo_codes import queries
from carelane.promo_codes.queries import PromoCode
from carelane.promo_codes.schemas import NamedCode, key_of

_NOT_GOOD = "expected a code that can be used now; this one is used up, ended, not begun, or for other bundles"


class Reservation:
    """The codes of one case, on their way. Costs no round trip: the answer is read with that of later statements."""

    def __init__(self, named: list[NamedCode], cursor: Cursor | None) -> None:
        self._named = named
        self._cursor = cursor
        self._ids: list[UUID] = []

    async def read_problems(self) -> list[FieldProblem]:
        """Codes that are records and cannot be used; then the transaction must be undone. What is no record is no problem."""
        taken = {} if self._cursor is None else {one.code_key: one for one in await queries.read_reserved(self._cursor)}
        self._ids = [one.id for one in taken.values() if one.is_reserved]
        refused = {key for key, one in taken.items() if not one.is_reserved}
        return [FieldProblem(code.place, _NOT_GOOD) for code in self._named if code.key in refused]

    async def keep(self, conn: Connection, organization_id: UUID, case_id: UUID) -> None:
        """Writes down whose uses they are, once the case is written and `read_problems` found none."""
        if self._ids:
            await queries.insert_uses(conn, organization_id, case_id, self._ids)


async def reserve_codes(
    conn: Connection,
    organization_id: UUID,
    named: list[NamedCode],
    *,
    bundle_id: UUID | None,
    product_ids: Iterable[UUID],
) -> Reservation:
    """Takes one use of each code that is a record and good; without codes, nothing is asked."""
    if not named:
        return Reservation([], None)
    keys = sorted({code.key for code in named})
    return Reservation(named, await queries.query_reserved(conn, organization_id, keys, bundle_id, product_ids))


async def release_codes(conn: Connection, organization_id: UUID, case_id: UUID) -> None:
    """Gives back what the case took, once: it ended without a sale. The case's row must be locked."""
    await queries.set_released(conn, organization_id, case_id)


async def retake_codes(conn: Connection, organization_id: UUID, case_id: UUID) -> None:
    """Takes what was given back again, as far as it is left: the case goes on. The case's row must be locked."""
    await queries.claim_released(conn, organization_id, case_id)


@requires(CATALOG_WRITE)
async def save_promo_codes(conn: Connection, actor: Actor, wanted: list[PromoCode]) -> None:
    """Makes each code what is wanted, with an event for each that changes. What has been used stays used."""
    organization_id = actor.organization_id
    codes = [key_of(code.code) for code in wanted]
    there = await queries.lock_promo_codes(conn, organization_id, [code.id for code in wanted], codes)
    changed = [code for code in wanted if there.get(code.id) != code]
    if not changed:
        return
    await queries.save_promo_codes(conn, organization_id, changed)
    happened = (
        events.new_event(actor, "CATALOG_CHANGED", None, target_id=code.id, value_after="promo_code")
        for code in changed
    )
    await events.record(conn, *happened)
