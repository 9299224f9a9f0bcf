"""What stands in the ledger, for whoever holds a connection of the organization."""

from collections.abc import Sequence
from uuid import UUID

from carelane.kit.db import Connection
from carelane.ledger import queries
from carelane.ledger.entries import Share
from carelane.ledger.schemas import Act, Balance, Books, ChargeSums, Posted


async def credit_balance(conn: Connection, organization_id: UUID, patient_id: UUID, books: Books) -> int:
    """What a patient has paid ahead, with the records merged into theirs."""
    return -sum(one.cents for one in await queries.list_credit(conn, organization_id, patient_id, books))


async def trial_balance(conn: Connection, organization_id: UUID) -> list[Balance]:
    """Every account. Of each currency and set of books, debits and credits are the same."""
    return await queries.list_balances(conn, organization_id)


async def charge_sums(conn: Connection, organization_id: UUID, charge_id: UUID) -> ChargeSums:
    """Everything that a charge's status follows from."""
    return await queries.get_charge_sums(conn, organization_id, charge_id)


async def shares_of(conn: Connection, organization_id: UUID, charge_id: UUID) -> list[Share]:
    """What can still be given back of a charge, by account: for `entries.refund`."""
    return await queries.list_shares(conn, organization_id, charge_id)


async def credit_of(conn: Connection, organization_id: UUID, source_ids: Sequence[UUID]) -> int:
    """What these records have in credit between them: a payment's own id, and those of its intents, refunds and disputes."""
    return await queries.get_credit_of(conn, organization_id, source_ids)


async def posted(conn: Connection, organization_id: UUID, act: Act, source_id: UUID) -> list[Posted]:
    """What an act on a record posted, for what reverses it."""
    return await queries.list_posted(conn, organization_id, act, source_id)
