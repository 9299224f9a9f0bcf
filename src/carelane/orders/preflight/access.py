"""The one door to what an order is checked against."""

from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.kit.phi import DataKey, Phi
from carelane.orders.preflight import queries
from carelane.orders.preflight.rulings import Rulings, read_rulings
from carelane.orders.queries import Named, OrderContext, lock_case


class Grounds(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What the clinic knows of everything the order names, and what was decided in its case."""

    known: OrderContext
    rulings: Rulings


async def find_grounds(
    conn: Connection,
    organization_id: UUID,
    case_id: UUID,
    named: Named,
    data_key: DataKey,
    *,
    locks: bool,
    replaces: UUID | None = None,
) -> Grounds | None:
    """None when the organization has no such case. With `locks` no other order is placed on it until the transaction ends.

    `replaces`: the order in whose place the new one would stand. One round trip. Raises UnsealError.
    """
    if locks:
        await lock_case(conn, organization_id, case_id)
    found = await queries.find_known(conn, organization_id, case_id, named)
    if found is None:
        return None
    known, record = found
    return Grounds(known=known, rulings=read_rulings(record, data_key, replaces))
