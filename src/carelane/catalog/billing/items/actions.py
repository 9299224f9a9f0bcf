"""Making, changing and archiving items. A price counts for the lines that are made after it; what was priced stays."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

import msgspec

from carelane import events
from carelane.catalog.billing.items import queries
from carelane.catalog.billing.items.queries import Exemption, Item
from carelane.catalog.billing.items.schemas import BulkTaxPatch, ItemDetailOut, ItemIn, ItemPatch, StockedItemOut
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import given_id, record_id, uuid7
from carelane.permissions import CATALOG_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(CATALOG_WRITE)
async def create_item(services: Services, actor: Actor, body: ItemIn, request_key: RequestKey | None) -> ItemDetailOut:
    """Raises ConflictError when the id is taken, RecordNotFoundError for unknown taxes."""
    return await run_once(services, actor, request_key, partial(_create_item, actor, body))


async def _create_item(actor: Actor, body: ItemIn, conn: Connection) -> ItemDetailOut:
    item_id = record_id(actor.organization_id, body.id) if body.id is not None else uuid7()
    exemptions = await _exemptions(conn, actor, {item_id: body.exempted_tax_ids or []})
    if not await queries.insert_item(conn, _item(actor.organization_id, item_id, body)):
        raise ConflictError(f"there is an item {body.id} already; expected another id, or none")
    if exemptions:
        await queries.save_exemptions(conn, actor.organization_id, [item_id], exemptions)
    await _record(conn, actor, item_id, "CREATED")
    return await _get(conn, actor, item_id)


@requires(CATALOG_WRITE)
async def update_item(services: Services, actor: Actor, ref: str, body: ItemPatch) -> StockedItemOut:
    """Raises RecordNotFoundError for an unknown item, an archived one that is not brought back, and unknown taxes."""
    item_id = record_id(actor.organization_id, ref)
    async with services.db.transaction(actor) as conn:
        if not await queries.update_item(conn, actor.organization_id, item_id, msgspec.structs.asdict(body)):
            raise RecordNotFoundError(f"no item {ref} here")
        if body.exempted_tax_ids is not None:
            exemptions = await _exemptions(conn, actor, {item_id: body.exempted_tax_ids})
            await queries.save_exemptions(conn, actor.organization_id, [item_id], exemptions)
        await _record(conn, actor, item_id)
        return _stocked(await _get(conn, actor, item_id))


@requires(CATALOG_WRITE)
async def archive_item(services: Services, actor: Actor, ref: str) -> bool:
    """Neither dialect sells it any more. Raises RecordNotFoundError."""
    item_id = record_id(actor.organization_id, ref)
    async with services.db.transaction(actor) as conn:
        if not await queries.set_item_archived(conn, actor.organization_id, item_id):
            raise RecordNotFoundError(f"no item {ref} here")
        await _record(conn, actor, item_id, "ARCHIVED")
    return True


@requires(CATALOG_WRITE)
async def update_taxes(
    services: Services, actor: Actor, body: BulkTaxPatch, request_key: RequestKey | None
) -> list[StockedItemOut]:
    """All of them or none, answered in the order of the request. Raises RuleBrokenError, RecordNotFoundError."""
    return await run_once(services, actor, request_key, partial(_update_taxes, actor, body))


async def _update_taxes(actor: Actor, body: BulkTaxPatch, conn: Connection) -> list[StockedItemOut]:
    ids = [record_id(actor.organization_id, update.item_id) for update in body.updates]
    problems = [
        FieldProblem(f"updates[{n}].itemId", "expected each item once") for n in range(len(ids)) if ids[n] in ids[:n]
    ]
    if problems:
        raise RuleBrokenError(problems=problems)
    there = await queries.lock_items(conn, actor.organization_id, ids)
    _refuse_missing("item", (update.item_id for update, n in zip(body.updates, ids, strict=True) if n not in there))
    wanted = {item_id: update.exempted_tax_ids or [] for item_id, update in zip(ids, body.updates, strict=True)}
    await queries.save_exemptions(conn, actor.organization_id, ids, await _exemptions(conn, actor, wanted))
    for item_id in ids:
        await _record(conn, actor, item_id)
    shown = await queries.list_items_by_id(conn, actor.organization_id, ids)
    return [_stocked(shown[item_id]) for item_id in ids]


async def _exemptions(conn: Connection, actor: Actor, wanted: dict[UUID, list[str]]) -> list[Exemption]:
    """Raises RecordNotFoundError that names every tax that is not there."""
    names = {name: record_id(actor.organization_id, name) for taxes in wanted.values() for name in taxes}
    if not names:
        return []
    there = await queries.list_taxes(conn, actor.organization_id, names.values(), wanted)
    _refuse_missing("tax", (name for name, tax_id in names.items() if tax_id not in there))
    return [
        Exemption(organization_id=actor.organization_id, product_id=item_id, tax_id=tax_id)
        for item_id, taxes in wanted.items()
        for tax_id in sorted({names[name] for name in taxes})
    ]


def _refuse_missing(kind: str, missing: Iterable[str]) -> None:
    named = ", ".join(dict.fromkeys(missing))
    if named:
        raise RecordNotFoundError(f"no {kind} {named} here")


def _item(organization_id: UUID, item_id: UUID, body: ItemIn) -> Item:
    return Item(
        organization_id=organization_id,
        id=item_id,
        given_id=given_id(body.id),
        name=body.name,
        brand_name=body.brand_name,
        description=body.description,
        price_cents=body.price,
        category=body.category,
        unit=body.unit,
        is_physical=body.is_physical,
        is_active=not body.is_archived,
        internal_notes=body.internal_notes,
        sort_order=body.sort_order,
        allows_custom_pricing=body.allow_custom_pricing,
        type=body.type,
        external_id=body.external_id,
        cost_cents=body.cost,
        stocks=body.stocks,
    )


def _stocked(item: ItemDetailOut) -> StockedItemOut:
    members = msgspec.structs.asdict(item)
    del members["usage_count"]
    return StockedItemOut(**members)


async def _get(conn: Connection, actor: Actor, item_id: UUID) -> ItemDetailOut:
    return (await queries.list_items_by_id(conn, actor.organization_id, [item_id]))[item_id]


async def _record(conn: Connection, actor: Actor, item_id: UUID, how: str = "UPDATED") -> None:
    event = events.new_event(actor, "CATALOG_CHANGED", None, target_id=item_id, value_before=how, value_after="item")
    await events.record(conn, event)
