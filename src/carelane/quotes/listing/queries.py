"""The statements of the list of quotes."""

from functools import cache
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.patients.billing.queries import PATIENT, PatientRow
from carelane.quotes.queries import QUOTE, QuoteRow
from carelane.quotes.states import QuoteStatus


class ListedQuote(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A quote and whom it is for."""

    quote: QuoteRow
    patient: PatientRow


# A filter that is not set must not be in the statement: it is planned once, and for all values.
_CONDITIONS: dict[str, LiteralString] = {
    "patient_id": " AND q.patient_id = %(patient_id)s",
    "creator_id": " AND q.creator_id = %(creator_id)s",
    "cart_id": " AND q.cart_id = %(cart_id)s",
    "status": " AND q.status = %(status)s",
}


@cache
def _where(names: tuple[str, ...]) -> LiteralString:
    chosen: LiteralString = "".join(_CONDITIONS[name] for name in names)
    return "FROM quotes q WHERE q.organization_id = %(organization_id)s" + chosen


@cache
def _page(names: tuple[str, ...]) -> LiteralString:
    # The page is cut before anything is looked up for it.
    return (
        "SELECT json_build_object('quote', "
        + QUOTE
        + ", 'patient', "
        + PATIENT
        + ")::text FROM (SELECT q.* "
        + _where(names)
        + " ORDER BY q.created_at DESC, q.id DESC LIMIT %(most)s OFFSET %(before)s) q"
        + " JOIN patients p ON p.organization_id = q.organization_id AND p.id = q.patient_id"
        + " ORDER BY q.created_at DESC, q.id DESC"
    )


async def list_shown(
    conn: Connection, organization_id: UUID, ids: dict[str, UUID], status: QuoteStatus | None, page: int, size: int
) -> tuple[list[ListedQuote], int]:
    """A page of the quotes that fit, newest first, and how many fit in all. One round trip."""
    names = (*ids, "status") if status else tuple(ids)
    values = ids | {"organization_id": organization_id, "status": status, "most": size, "before": (page - 1) * size}
    counted = await conn.execute("SELECT count(*) " + _where(names), values)
    listed = await conn.execute(_page(names), values)
    total = (await counted.fetchall())[0][0]
    return [msgspec.json.decode(row[0], type=ListedQuote) for row in await listed.fetchall()], total
