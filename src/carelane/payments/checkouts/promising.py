"""Promising the payment of a charge, before a patient is led to its checkout."""

from uuid import UUID

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.payments.accounts.queries import get_terms
from carelane.payments.checkouts import queries
from carelane.payments.checkouts.errors import NothingToPayError
from carelane.payments.shares.queries import find_under_way


async def promise_payment(conn: Connection, actor: Actor, charge_id: UUID) -> tuple[UUID, bool]:
    """The payment of all that is outstanding of a charge: the one that waits already, or a new one. True: it waits with a checkout
    on which another amount would be paid, which must be ended first (`end_checkouts`).

    Whoever else promises one at the same time, wherever, promises the same. Raises NothingToPayError, also while the charge is paid in another way."""
    organization_id = actor.organization_id
    waiting = await queries.lock_page_payments(conn, organization_id, charge_id)
    owed = await queries.lock_owed(conn, organization_id, charge_id)
    terms = await get_terms(conn, organization_id)
    account_id = terms.account_id(is_test=owed.is_test)
    if owed.outstanding_cents <= 0 or account_id is None or terms.policy_for(is_test=owed.is_test) == "unverified":
        raise NothingToPayError
    if await find_under_way(conn, organization_id, [charge_id]):
        # Before the money of the one is there, the other would take it again.
        raise NothingToPayError
    for payment_id, amount_cents in waiting:
        is_stale = amount_cents != owed.outstanding_cents
        if not is_stale or await queries.list_open(conn, organization_id, payment_id):
            return payment_id, is_stale
        await queries.set_canceled(conn, organization_id, payment_id)
        moved = events.new_event(
            actor, "PAYMENT_UPDATED", None, target_id=payment_id, is_test=owed.is_test, value_before="WAITING",
            value_after="DONE",
        )  # fmt: skip
        await events.record(conn, moved)
    if not waiting:
        # Whoever held the charge before us may have promised one. It is only read: its lock would come after the charge's.
        for payment_id, amount_cents in await queries.list_page_payments(conn, organization_id, charge_id):
            return payment_id, amount_cents != owed.outstanding_cents
    new_id = uuid7()
    await queries.insert_page_payment(conn, organization_id, new_id, owed, account_id)
    await events.record(conn, events.new_event(actor, "PAYMENT_ADDED", None, target_id=new_id, is_test=owed.is_test))
    return new_id, False
