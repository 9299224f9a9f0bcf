"""Writes on a clinic's own payment mediums."""

from functools import partial
from uuid import UUID

import psycopg

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError, refuse
from carelane.kit.ids import uuid7
from carelane.payments.mediums.custom import queries
from carelane.payments.mediums.custom.queries import MediumRow
from carelane.payments.mediums.custom.schemas import MediumIn, MediumOut, MediumPatch, broken_rules, key_of
from carelane.payments.mediums.custom.views import show_medium
from carelane.payments.mediums.reads import BUILT_IN
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

_KIND = "payment medium"
# A name that is written on more payments than this stays as it is.
MOST_RENAMED = 10_000
_BUILT_IN = {key_of(name): name for name in BUILT_IN}


@requires(BILLING_WRITE)
async def create_medium(services: Services, actor: Actor, body: MediumIn, request_key: RequestKey | None) -> MediumOut:
    """One that was deleted is there again. Raises RuleBrokenError, ConflictError, and what `run_once` raises."""
    refuse(broken_rules(body))
    return await run_once(services, actor, request_key, partial(_create, actor, body.name.strip()))


async def _create(actor: Actor, name: str, conn: Connection) -> MediumOut:
    organization_id, key, medium_id = actor.organization_id, key_of(name), uuid7()
    _require_own(key)
    if not await queries.insert_medium(conn, organization_id, medium_id, name, key):
        known = (await queries.lock_mediums(conn, organization_id, [key]))[key]
        if not known.is_archived:
            raise ConflictError(f"there is a payment medium {known.name} already")
        medium_id = known.id
        await queries.save_medium(conn, organization_id, medium_id, name=known.name, key=key, is_archived=False)
    return await _told(conn, actor, medium_id, key)


@requires(BILLING_WRITE)
async def update_medium(services: Services, actor: Actor, name: str, body: MediumPatch, *, merges: bool) -> MediumOut:
    """The payments that came by it have its new name. `merges`: that may be another's, into which this one goes.

    Raises RuleBrokenError, RecordNotFoundError, ConflictError.
    """
    refuse(broken_rules(body))
    try:
        async with services.db.transaction(actor) as conn:
            return await _update(conn, actor, name, body, merges=merges)
    except psycopg.errors.UniqueViolation:
        raise ConflictError(f"there is a payment medium {body.name} already; merge=true makes the two one") from None


async def _update(conn: Connection, actor: Actor, name: str, body: MediumPatch, *, merges: bool) -> MediumOut:
    organization_id = actor.organization_id
    wanted = body.name.strip() if body.name is not None else name
    key = key_of(wanted)
    found = await queries.lock_mediums(conn, organization_id, [key_of(name), key])
    medium = _own(found.get(key_of(name)), name)
    if wanted == name:
        wanted = medium.name
    other = found.get(key) if key != medium.name_key else None
    if key in _BUILT_IN or other is not None:
        if not merges:
            taken = _BUILT_IN.get(key) or wanted
            raise ConflictError(f"there is a payment medium {taken} already; merge=true makes the two one")
        return await _merge(conn, actor, medium, other, key)
    if wanted != medium.name:
        await _rename_payments(conn, actor, medium, wanted)
    is_archived = medium.is_archived if body.is_archived is None else body.is_archived
    await queries.save_medium(conn, organization_id, medium.id, name=wanted, key=key, is_archived=is_archived)
    return await _told(conn, actor, medium.id, key)


async def _merge(conn: Connection, actor: Actor, medium: MediumRow, other: MediumRow | None, key: str) -> MediumOut:
    """This one is archived, and the payments that came by it came by the other. Money in the drawer is another account's."""
    if other is None:
        raise ConflictError(f"{_BUILT_IN[key]} is built in; expected the name of an own payment medium")
    await _rename_payments(conn, actor, medium, other.name)
    gone = {"name": medium.name, "key": medium.name_key, "is_archived": True}
    await queries.save_medium(conn, actor.organization_id, medium.id, **gone)  # type: ignore[arg-type]
    await _record(conn, actor, medium.id)
    return await _told(conn, actor, other.id, key)


async def _rename_payments(conn: Connection, actor: Actor, medium: MediumRow, name: str) -> None:
    found = await queries.lock_payments_by(conn, actor.organization_id, medium.name, MOST_RENAMED + 1)
    if len(found) > MOST_RENAMED:
        raise ConflictError(
            f"more than {MOST_RENAMED:,} payments came by {medium.name}; expected a new payment medium, and this one deleted"
        )
    await queries.set_medium(conn, actor.organization_id, found, medium.name, name)


@requires(BILLING_WRITE)
async def delete_medium(services: Services, actor: Actor, name: str) -> None:
    """No new payment comes by it; those that did show it still. Raises RecordNotFoundError, ConflictError."""
    async with services.db.transaction(actor) as conn:
        found = await queries.lock_mediums(conn, actor.organization_id, [key_of(name)])
        medium = _own(found.get(key_of(name)), name)
        if medium.is_archived:
            raise RecordNotFoundError(f"no payment medium {name} here")
        await queries.save_medium(
            conn, actor.organization_id, medium.id, name=medium.name, key=medium.name_key, is_archived=True
        )
        await _record(conn, actor, medium.id)


def _own(medium: MediumRow | None, name: str) -> MediumRow:
    if medium is None:
        _require_own(key_of(name))
        raise RecordNotFoundError(f"no payment medium {name} here")
    return medium


def _require_own(key: str) -> None:
    if key in _BUILT_IN:
        raise ConflictError(f"{_BUILT_IN[key]} is built in, and stays as it is; expected another name")


async def _told(conn: Connection, actor: Actor, medium_id: UUID, key: str) -> MediumOut:
    await _record(conn, actor, medium_id)
    return show_medium((await queries.lock_mediums(conn, actor.organization_id, [key]))[key])


async def _record(conn: Connection, actor: Actor, medium_id: UUID) -> None:
    await events.record(conn, events.new_event(actor, "CATALOG_CHANGED", None, target_id=medium_id, value_after=_KIND))
