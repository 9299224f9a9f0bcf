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
        how = ((product.id, _how(there.get(product.id), product)) for product in changed)
        await _record(conn, actor, how, "item")


@requires(CATALOG_WRITE)
async def save_bundles(conn: Connection, actor: Actor, wanted: list[FullBundle]) -> None:
    """Makes each bundle what is wanted, with an event for each that changes. Products and forms must be there."""
    there = await queries.lock_bundles(conn, actor.organization_id, (bundle.id for bundle in wanted))
    changed = [bundle for bundle in wanted if there.get(bundle.id) != bundle]
    if changed:
        await queries.save_bundles(conn, actor.organization_id, changed)
        await _record(conn, actor, ((bundle.id, None) for bundle in changed), "package")


def _how(there: Product | None, wanted: Product) -> str:
    if there is None:
        return "CREATED"
    return "ARCHIVED" if there.is_active and not wanted.is_active else "UPDATED"


async def _record(conn: Connection, actor: Actor, changed: Iterable[tuple[UUID, str | None]], kind: str) -> None:
    acts = (
        events.new_event(actor, "CATALOG_CHANGED", None, target_id=one, value_before=how, value_after=kind)
        for one, how in changed
    )
    await events.record(conn, *acts)
