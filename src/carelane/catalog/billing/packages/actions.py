"""Making, replacing and archiving packages. A price counts for the lines that are made after it; what was priced stays."""

from functools import partial
from uuid import UUID

from carelane import events
from carelane.catalog.billing.packages import queries
from carelane.catalog.billing.packages.queries import Content, Package
from carelane.catalog.billing.packages.schemas import RESERVED_NAMES, PackageIn, PackageItemIn, PackageOut
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import given_id, record_id, uuid7
from carelane.permissions import CATALOG_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(CATALOG_WRITE)
async def create_package(
    services: Services, actor: Actor, body: PackageIn, request_key: RequestKey | None
) -> PackageOut:
    """Raises ConflictError when the id is taken, RuleBrokenError, RecordNotFoundError for unknown items."""
    _check(actor, None, body)
    return await run_once(services, actor, request_key, partial(_create_package, actor, body))


async def _create_package(actor: Actor, body: PackageIn, conn: Connection) -> PackageOut:
    package_id = record_id(actor.organization_id, body.id) if body.id is not None else uuid7()
    if not await queries.insert_package(conn, _package(actor, package_id, body)):
        raise ConflictError(f"there is a package {body.id} already; expected another id, or none")
    return await _finish(conn, actor, package_id, body.items)


@requires(CATALOG_WRITE)
async def replace_package(services: Services, actor: Actor, ref: str, body: PackageIn) -> PackageOut:
    """Raises RecordNotFoundError for an unknown package, an archived one that is not brought back, and unknown items."""
    _check(actor, ref, body)
    package_id = record_id(actor.organization_id, ref)
    async with services.db.transaction(actor) as conn:
        if not await queries.update_package(conn, _package(actor, package_id, body)):
            raise RecordNotFoundError(f"no package {ref} here")
        return await _finish(conn, actor, package_id, body.items)


@requires(CATALOG_WRITE)
async def archive_package(services: Services, actor: Actor, ref: str) -> bool:
    """Neither dialect sells or shows it any more. Raises RecordNotFoundError."""
    package_id = record_id(actor.organization_id, ref)
    async with services.db.transaction(actor) as conn:
        if not await queries.set_package_archived(conn, actor.organization_id, package_id):
            raise RecordNotFoundError(f"no package {ref} here")
        await _record(conn, actor, package_id)
    return True


def _check(actor: Actor, ref: str | None, body: PackageIn) -> None:
    """`ref` None: a new one. Raises RuleBrokenError."""
    ids = [record_id(actor.organization_id, item.item_id) for item in body.items or []]
    problems = [
        FieldProblem(f"items[{n}].itemId", "expected each item once") for n in range(len(ids)) if ids[n] in ids[:n]
    ]
    if ref is None and body.id in RESERVED_NAMES:
        problems.append(FieldProblem("id", f"expected another name; {body.id} is the name of a route"))
    if ref is not None and body.id not in (None, ref):
        problems.append(FieldProblem("id", "expected the id of the path, or none"))
    if problems:
        raise RuleBrokenError(problems=problems)


async def _finish(conn: Connection, actor: Actor, package_id: UUID, items: list[PackageItemIn] | None) -> PackageOut:
    """Writes the contents and the event, and shows the package."""
    if items is not None:
        contents = await _contents(conn, actor, package_id, items)
        await queries.save_contents(conn, actor.organization_id, package_id, contents)
    await _record(conn, actor, package_id)
    shown = await queries.find_package(conn, actor.organization_id, package_id)
    if shown is None:
        raise LookupError("the package was written in this transaction")
    return shown


async def _contents(conn: Connection, actor: Actor, package_id: UUID, items: list[PackageItemIn]) -> list[Content]:
    ids = [record_id(actor.organization_id, item.item_id) for item in items]
    there = await queries.list_containable(conn, actor.organization_id, package_id, ids)
    missing = [item.item_id for item, item_id in zip(items, ids, strict=True) if item_id not in there]
    if missing:
        raise RecordNotFoundError(f"no item {', '.join(missing)} here")
    return [
        Content(
            organization_id=actor.organization_id,
            bundle_id=package_id,
            product_id=item_id,
            quantity=item.quantity,
            price_cents=item.price,
        )
        for item, item_id in zip(items, ids, strict=True)
    ]


def _package(actor: Actor, package_id: UUID, body: PackageIn) -> Package:
    return Package(
        organization_id=actor.organization_id,
        id=package_id,
        given_id=given_id(body.id),
        name=body.name,
        description=body.description,
        price_cents=body.price,
        external_id=body.external_id,
        internal_notes=body.internal_notes,
        category=body.category,
        is_archived=body.is_archived,
    )


async def _record(conn: Connection, actor: Actor, package_id: UUID) -> None:
    event = events.new_event(actor, "CATALOG_CHANGED", None, target_id=package_id, value_after="package")
    await events.record(conn, event)
