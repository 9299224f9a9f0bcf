"""Making, changing and archiving templates."""

from uuid import UUID

from msgspec.structs import replace
from psycopg.errors import UniqueViolation

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, refuse
from carelane.kit.ids import uuid7
from carelane.permissions import CASES_WORK, requires
from carelane.services import Services
from carelane.templates import queries
from carelane.templates.access import id_of, owner_of
from carelane.templates.errors import TemplateNameTakenError, TemplateNotFoundError
from carelane.templates.schemas import MAX_TEMPLATES, TemplateIn, TemplateOut, broken_rules
from carelane.web.idempotency import RequestKey, run_once


@requires(CASES_WORK)
async def create_template(
    services: Services, actor: Actor, body: TemplateIn, request_key: RequestKey | None
) -> TemplateOut:
    """Raises RuleBrokenError, ScopeMissingError, TemplateNameTakenError, ConflictError, and what `run_once` raises."""
    refuse(broken_rules(body))
    owner_id = owner_of(actor, body.scope)

    async def act(conn: Connection) -> TemplateOut:
        if await queries.count_templates(conn, actor.organization_id, owner_id, body.kind) >= MAX_TEMPLATES:
            raise ConflictError(f"there are {MAX_TEMPLATES} templates of this kind; archive one that nobody uses")
        return await _save(conn, actor, uuid7(), owner_id, body, "CREATED")

    return await run_once(services, actor, request_key, act)


@requires(CASES_WORK)
async def change_template(
    services: Services, actor: Actor, ref: str, body: TemplateIn, request_key: RequestKey | None
) -> TemplateOut:
    """Raises TemplateNotFoundError, RuleBrokenError (also for another kind), ScopeMissingError, TemplateNameTakenError, and what
    `run_once` raises."""
    refuse(broken_rules(body))

    async def act(conn: Connection) -> TemplateOut:
        before = await _lock(conn, actor, ref)
        if body.kind != before.kind:
            refuse([FieldProblem("kind", f"expected {before.kind}: what a template is for stays")])
        return await _save(conn, actor, before.id, owner_of(actor, body.scope), body, "CHANGED")

    return await run_once(services, actor, request_key, act)


@requires(CASES_WORK)
async def archive_template(services: Services, actor: Actor, ref: str, request_key: RequestKey | None) -> TemplateOut:
    """Its name is free again. Raises TemplateNotFoundError, ScopeMissingError, and what `run_once` raises."""

    async def act(conn: Connection) -> TemplateOut:
        template = await _lock(conn, actor, ref)
        await queries.set_archived(conn, actor.organization_id, template.id)
        await _record(conn, actor, template.id, "ARCHIVED")
        return template

    return await run_once(services, actor, request_key, act)


async def _lock(conn: Connection, actor: Actor, ref: str) -> TemplateOut:
    template = await queries.lock_template(conn, actor.organization_id, actor.id, id_of(ref))
    if template is None:
        raise TemplateNotFoundError
    owner_of(actor, template.scope)
    return template


async def _save(
    conn: Connection, actor: Actor, template_id: UUID, owner_id: UUID | None, body: TemplateIn, how: str
) -> TemplateOut:
    organization_id = actor.organization_id
    if body.product_id is not None and not await queries.find_is_product(conn, organization_id, body.product_id):
        refuse([FieldProblem("productId", "expected a product of this clinic")])
    try:
        await queries.save_template(conn, organization_id, template_id, owner_id, body)
    except UniqueViolation:
        raise TemplateNameTakenError from None
    await _record(conn, actor, template_id, how)
    saved = await queries.find_template(conn, organization_id, actor.id, template_id)
    if saved is None:
        raise LookupError("the template is gone")
    return saved


async def _record(conn: Connection, actor: Actor, template_id: UUID, how: str) -> None:
    event = events.new_event(actor, "TEMPLATE_CHANGED", None, target_id=template_id, value_after=how)
    await events.record(conn, replace(event, is_quiet=True))
