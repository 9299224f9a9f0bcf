"""Reads of charges. Each is recorded: a charge names its patient."""

import msgspec

from carelane import events
from carelane.charges import queries, views
from carelane.charges.lists import queries as lists
from carelane.charges.money import queries as money_queries
from carelane.charges.queries import DESCRIPTION, ChargeRow
from carelane.charges.schemas import ChargeFilters, ChargePageOut, ChargeWithItemsOut, TimelineEntryOut
from carelane.kit.auth import Actor
from carelane.kit.damage import shown
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, InvalidRequestError, RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.kit.phi import DataKey
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services
from carelane.web.paging import Page

# A search in descriptions opens this many. Opening one takes a few microseconds.
MAX_OPENED = 10_000


@requires(BILLING_READ)
async def list_charge_table(services: Services, actor: Actor, filters: ChargeFilters, page: Page) -> ChargePageOut:
    """A page, and how many charges there are on all pages."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        if filters.description is not None:
            filters = await _with_description(conn, actor, data_key, filters, filters.description)
        total = await lists.count_charges(conn, actor.organization_id, filters)
        rows = await lists.list_charges(conn, actor.organization_id, filters, page)
        await events.record_read(conn, actor, "charges", actor.organization_id, "table of charges")
    return ChargePageOut(data=[views.show_row(data_key, row) for row in rows], total=total)


@requires(BILLING_READ)
async def list_charges(
    services: Services, actor: Actor, filters: ChargeFilters, page: Page
) -> list[ChargeWithItemsOut]:
    """Without a total."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        rows = await lists.list_charges(conn, actor.organization_id, filters, page)
        await events.record_read(conn, actor, "charges", actor.organization_id, "list of charges")
    return [views.show_with_items(data_key, row) for row in rows]


@requires(BILLING_READ)
async def get_charge(services: Services, actor: Actor, ref: str) -> ChargeWithItemsOut:
    """Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        return views.show_with_items(data_key, await _get_recorded(conn, actor, ref, "a charge"))


@requires(BILLING_READ)
async def get_timeline(
    services: Services, actor: Actor, ref: str | None, payment_ref: str | None
) -> list[TimelineEntryOut]:
    """By charge or by payment. Raises RecordNotFoundError, and InvalidRequestError when neither is given."""
    if ref is None and payment_ref is None:
        problem = "charge_id or payment_id is required"
        raise InvalidRequestError(problems=[FieldProblem("charge_id", problem, "query")])
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        if payment_ref is not None:
            ref = await _charge_of_payment(conn, actor, payment_ref, ref)
        assert ref is not None
        return views.show_timeline(data_key, await _get_recorded(conn, actor, ref, "timeline of a charge"))


async def _charge_of_payment(conn: Connection, actor: Actor, payment_ref: str, ref: str | None) -> str:
    """The charge that the payment is of: `ref`, if that is given too. Raises RecordNotFoundError."""
    organization_id = actor.organization_id
    payment_id = record_id(organization_id, payment_ref)
    asked = record_id(organization_id, ref) if ref is not None else None
    charge_id = await money_queries.find_charge_of_payment(conn, organization_id, payment_id, asked)
    if charge_id is None or (asked is not None and asked != charge_id):
        raise RecordNotFoundError(f"no payment {payment_ref} here")
    return str(charge_id)


async def _get_recorded(conn: Connection, actor: Actor, ref: str, reason: str) -> ChargeRow:
    """The charge; that it was read, and why, is recorded. Raises RecordNotFoundError."""
    row = await queries.find_charge(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if row is None:
        raise RecordNotFoundError(f"no charge {ref} here")
    await events.record_read(conn, actor, "charge", row.id, reason)
    return row


async def _with_description(
    conn: Connection, actor: Actor, data_key: DataKey, filters: ChargeFilters, wanted: str
) -> ChargeFilters:
    """The filters, narrowed to charges whose description contains `wanted`, in any case.

    Descriptions are sealed, so they have to be opened one by one: those of the newest MAX_OPENED charges that the filters select.
    """
    sealed = await lists.list_descriptions(conn, actor.organization_id, filters, MAX_OPENED)
    part = wanted.casefold()
    ids = [n for n, text in sealed if part in shown(data_key, text, DESCRIPTION, n).casefold()]
    return msgspec.structs.replace(filters, ids=ids)
