"""Making, changing and archiving taxes. What a cart was priced with stays as it is until the cart changes."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import record_id, uuid7
from carelane.locations import access as locations
from carelane.services import Services
from carelane.taxes import queries
from carelane.taxes.schemas import TaxIn, TaxOut, TaxPatch, broken_rules, missing_categories
from carelane.web import idempotency
from carelane.web.idempotency import RequestKey

# All of an organization's taxes are looked through for every cart.
MAX_TAXES = 200


async def create_tax(services: Services, actor: Actor, request_key: RequestKey | None, body: TaxIn) -> TaxOut:
    """Raises RuleBrokenError, RecordNotFoundError for locations, ConflictError when there are too many."""
    _refuse(broken_rules(body))
    return await idempotency.run_once(services, actor, request_key, partial(_create, actor, body))


async def _create(actor: Actor, body: TaxIn, conn: Connection) -> TaxOut:
    tax_id = uuid7()
    if await queries.lock_tax_count(conn, actor.organization_id) >= MAX_TAXES:
        raise ConflictError(f"there are {MAX_TAXES} taxes already; archive one first")
    await queries.insert_tax(conn, actor.organization_id, tax_id, body)
    return await _finish(conn, actor, tax_id, body.location_ids)


async def change_tax(services: Services, actor: Actor, name: str, body: TaxPatch) -> TaxOut:
    """Raises RuleBrokenError, RecordNotFoundError for the tax or locations."""
    _refuse(broken_rules(body))
    tax_id = record_id(actor.organization_id, name)
    async with services.db.transaction(actor) as conn:
        if not await queries.update_tax(conn, actor.organization_id, tax_id, body):
            raise _unknown(name)
        changed = await _finish(conn, actor, tax_id, body.location_ids)
        _refuse(missing_categories(changed.scope, changed.category_names))
        return changed


async def archive_tax(services: Services, actor: Actor, name: str) -> bool:
    """It is raised no more. Raises RecordNotFoundError."""
    tax_id = record_id(actor.organization_id, name)
    async with services.db.transaction(actor) as conn:
        if not await queries.set_archived(conn, actor.organization_id, tax_id):
            raise _unknown(name)
        await _record(conn, actor, tax_id)
    return True


async def _finish(conn: Connection, actor: Actor, tax_id: UUID, location_names: list[str] | None) -> TaxOut:
    """The rest of either act: where the tax is raised, the event, and the tax as it is now."""
    if location_names is not None:
        # Who sends back what was shown may name locations that were archived since.
        had = await queries.list_locations_of(conn, actor.organization_id, tax_id)
        location_ids = await locations.get_ids(conn, actor.organization_id, location_names, had)
        await queries.set_locations(conn, actor.organization_id, tax_id, location_ids)
    await _record(conn, actor, tax_id)
    tax = await queries.find_tax(conn, actor.organization_id, tax_id)
    if tax is None:
        raise LookupError("the tax is gone")
    return tax


async def _record(conn: Connection, actor: Actor, tax_id: UUID) -> None:
    event = events.new_event(actor, "CATALOG_CHANGED", None, target_id=tax_id, value_after="tax")
    await events.record(conn, event)


def _unknown(name: str) -> RecordNotFoundError:
    return RecordNotFoundError(f"no tax {name} here")


def _refuse(problems: Iterable[FieldProblem]) -> None:
    if found := list(problems):
        raise RuleBrokenError(problems=found)
