"""Making, changing and archiving taxes. What a cart was priced with stays as it is until the cart changes."""

from functools import partial
from uuid import UUID

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError, refuse
from carelane.kit.ids import record_id, uuid7
from carelane.locations import access as locations
from carelane.permissions import CATALOG_WRITE, requires
from carelane.services import Services
from carelane.taxes import queries
from carelane.taxes.queries import TaxRow
from carelane.taxes.schemas import MAX_TAXES, TaxIn, TaxOut, TaxPatch, broken_rules, missing_categories
from carelane.web.idempotency import RequestKey, run_once


@requires(CATALOG_WRITE)
async def create_tax(services: Services, actor: Actor, body: TaxIn, request_key: RequestKey | None) -> TaxOut:
    """Raises RuleBrokenError, RecordNotFoundError for locations, ConflictError when there are too many."""
    refuse(broken_rules(body))
    return await run_once(services, actor, request_key, partial(_create, actor, body))


async def _create(actor: Actor, body: TaxIn, conn: Connection) -> TaxOut:
    tax_id = uuid7()
    if await queries.lock_tax_count(conn, actor.organization_id) >= MAX_TAXES:
        raise ConflictError(f"there are {MAX_TAXES} taxes already; archive one first")
    await queries.insert_tax(conn, actor.organization_id, tax_id, body)
    return await _finish(conn, actor, tax_id, body.location_ids)


@requires(CATALOG_WRITE)
async def update_tax(services: Services, actor: Actor, ref: str, body: TaxPatch) -> TaxOut:
    """Raises RuleBrokenError, RecordNotFoundError for the tax or locations."""
    refuse(broken_rules(body))
    tax_id = record_id(actor.organization_id, ref)
    async with services.db.transaction(actor) as conn:
        if not await queries.update_tax(conn, actor.organization_id, tax_id, body):
            raise _unknown(ref)
        changed = await _finish(conn, actor, tax_id, body.location_ids)
        refuse(missing_categories(changed.scope, changed.category_names))
        return changed


@requires(CATALOG_WRITE)
async def archive_tax(services: Services, actor: Actor, ref: str) -> bool:
    """It is raised no more. Raises RecordNotFoundError."""
    tax_id = record_id(actor.organization_id, ref)
    async with services.db.transaction(actor) as conn:
        if not await queries.set_archived(conn, actor.organization_id, tax_id):
            raise _unknown(ref)
        await _record(conn, actor, tax_id)
    return True


@requires(CATALOG_WRITE)
async def save_taxes(conn: Connection, actor: Actor, wanted: list[TaxRow]) -> None:
    """Makes each tax what is wanted, with an event for each that changes, in the caller's transaction.

    Locations must be there. Raises ConflictError when there would be too many.
    """
    there = await queries.lock_taxes(conn, actor.organization_id, (tax.id for tax in wanted))
    changed = [tax for tax in wanted if there.get(tax.id) != tax]
    added = [tax for tax in changed if tax.is_active and not (tax.id in there and there[tax.id].is_active)]
    if added and await queries.lock_tax_count(conn, actor.organization_id) + len(added) > MAX_TAXES:
        raise ConflictError(f"there would be more than {MAX_TAXES} taxes; archive some first")
    if changed:
        await queries.save_taxes(conn, actor.organization_id, changed)
        await _record(conn, actor, *(tax.id for tax in changed))


async def _finish(conn: Connection, actor: Actor, tax_id: UUID, location_refs: list[str] | None) -> TaxOut:
    """The rest of either act: where the tax is raised, the event, and the tax as it is now."""
    if location_refs is not None:
        # A caller may send back what it was shown, with locations that were archived since.
        had = await queries.list_locations_of(conn, actor.organization_id, tax_id)
        location_ids = await locations.get_ids(conn, actor.organization_id, location_refs, had)
        await queries.set_locations(conn, actor.organization_id, tax_id, location_ids)
    await _record(conn, actor, tax_id)
    tax = await queries.find_tax(conn, actor.organization_id, tax_id)
    if tax is None:
        raise LookupError("the tax is gone")
    return tax


async def _record(conn: Connection, actor: Actor, *ids: UUID) -> None:
    changes = (events.new_event(actor, "CATALOG_CHANGED", None, target_id=one, value_after="tax") for one in ids)
    await events.record(conn, *changes)


def _unknown(ref: str) -> RecordNotFoundError:
    return RecordNotFoundError(f"no tax {ref} here")
