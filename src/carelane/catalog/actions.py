"""Making and changing products and bundles as both dialects know them. Each act runs in the caller's transaction."""

from collections.abc import Iterable
from uuid import UUID

from carelane import events
from carelane.catalog import queries
from carelane.catalog.queries import FullBundle, Product
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.permissions import CATALOG_WRITE, requires


@requires(CATALOG_WRITE)
async def save_products(conn: Connection, actor: Actor, wanted: list[Product]) -> None:
    """Makes each product what is wanted, with an event for each that changes."""
    there = await queries.lock_products(conn, actor.organization_id, (product.id for product in wanted))
    changed = [product for product in wanted if there.get(product.id) != product]
    if changed:
        await queries.save_products(conn, actor.organization_id, changed)
        await _record(conn, actor, (product.id for product in changed), "item")


@requires(CATALOG_WRITE)
async def save_bundles(conn: Connection, actor: Actor, wanted: list[FullBundle]) -> None:
    """Makes each bundle what is wanted, with an event for each that changes. Products and forms must be there."""
    there = await queries.lock_bundles(conn, actor.organization_id, (bundle.id for bundle in wanted))
    changed = [bundle for bundle in wanted if there.get(bundle.id) != bundle]
    if changed:
        await queries.save_bundles(conn, actor.organization_id, changed)
        await _record(conn, actor, (bundle.id for bundle in changed), "package")


async def _record(conn: Connection, actor: Actor, ids: Iterable[UUID], kind: str) -> None:
    changes = (events.new_event(actor, "CATALOG_CHANGED", None, target_id=one, value_after=kind) for one in ids)
    await events.record(conn, *changes)
