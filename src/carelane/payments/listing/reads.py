"""Reads of the table of payments. That it was read is recorded: a payment names its patient."""

import msgspec

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.payments.listing import queries
from carelane.payments.listing.queries import ItemRow
from carelane.payments.listing.schemas import DeskPaymentsOut, PaymentFilters, PaymentItemsOut, PaymentTableOut
from carelane.payments.listing.views import show_item
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services
from carelane.web.paging import Page


@requires(BILLING_READ)
async def list_payment_table(services: Services, actor: Actor, filters: PaymentFilters, page: Page) -> PaymentTableOut:
    """A page, and how many payments there are on all pages."""
    rows, total = await _list(services, actor, filters, page)
    return PaymentTableOut(PaymentItemsOut([show_item(row) for row in rows], total))


@requires(BILLING_READ)
async def list_desk_payments(services: Services, actor: Actor, filters: PaymentFilters, page: Page) -> DeskPaymentsOut:
    """The same, with what is test money."""
    rows, total = await _list(services, actor, filters, page)
    test_ids = {row.payment.id for row in rows if row.is_test}
    return DeskPaymentsOut(items=PaymentItemsOut([show_item(row) for row in rows], total), test_ids=test_ids)


async def _list(services: Services, actor: Actor, filters: PaymentFilters, page: Page) -> tuple[list[ItemRow], int]:
    async with services.db.transaction(actor) as conn:
        looked_for = await _looked_for(conn, actor, filters)
        total = await queries.count_payments(conn, actor.organization_id, looked_for)
        rows = await queries.list_payments(conn, actor.organization_id, looked_for, page)
        await events.record_read(conn, actor, "payments", actor.organization_id, "table of payments")
    return rows, total


async def _looked_for(conn: Connection, actor: Actor, filters: PaymentFilters) -> PaymentFilters:
    """Parts of names and comments are looked for first; what they are found in is then a list of ids."""
    if filters.creator_name is not None:
        named = await queries.list_creators(conn, actor.organization_id, filters.creator_name)
        both = named if filters.creator_ids is None else [one for one in named if one in filters.creator_ids]
        filters = msgspec.structs.replace(filters, creator_ids=both)
    if filters.comment is not None:
        found = await queries.list_commented(conn, actor.organization_id, filters.comment)
        filters = msgspec.structs.replace(filters, comment_ids=found)
    return filters
