"""Making and changing forms by hand. `forms.actions.save_catalog_forms` writes them, as it does for `apply`."""

from uuid import UUID

from psycopg.errors import UniqueViolation

from carelane.forms.actions import save_catalog_forms
from carelane.forms.catalog import queries
from carelane.forms.catalog.reads import NOBODY
from carelane.forms.catalog.schemas import AskedFormIn, AskedFormOut
from carelane.forms.catalog.states import find_odd
from carelane.forms.catalog.views import row_of, show_form
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, RecordNotFoundError, refuse
from carelane.kit.ids import parse_uuid, uuid7
from carelane.permissions import CATALOG_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.versions import require_same, version_of


@requires(CATALOG_WRITE)
async def create_form(
    services: Services, actor: Actor, body: AskedFormIn, request_key: RequestKey | None
) -> AskedFormOut:
    """With its first version. Raises RuleBrokenError, and what `run_once` raises."""
    _check(body)

    async def act(conn: Connection) -> AskedFormOut:
        return await _save(conn, actor, uuid7(), body)

    return await run_once(services, actor, request_key, act)


@requires(CATALOG_WRITE)
async def change_form(
    services: Services, actor: Actor, ref: str, body: AskedFormIn, request_key: RequestKey | None
) -> AskedFormOut:
    """As a whole; other questions make a new version. Raises RecordNotFoundError, ChangedMeanwhileError, RuleBrokenError, and what
    `run_once` raises."""
    _check(body)

    async def act(conn: Connection) -> AskedFormOut:
        form_id = parse_uuid(ref) or NOBODY
        is_there = await queries.lock_row(conn, actor.organization_id, form_id)
        before = await queries.find_catalog_form(conn, actor.organization_id, form_id)
        if before is None or not is_there:
            raise RecordNotFoundError("no such form here")
        require_same(body.version, version_of(before))
        return await _save(conn, actor, form_id, body)

    return await run_once(services, actor, request_key, act)


def _check(body: AskedFormIn) -> None:
    refuse(finding.problem() for finding in find_odd(body.questions) if finding.stops)


async def _save(conn: Connection, actor: Actor, form_id: UUID, body: AskedFormIn) -> AskedFormOut:
    row = row_of(form_id, body)
    try:
        await save_catalog_forms(conn, actor, [row])
        # Asking for it again brings the answer to what was sent before.
        versions = await queries.list_versions(conn, actor.organization_id, form_id, 1)
    except UniqueViolation:
        refuse([FieldProblem("name", "another form has this name")])
        raise
    return show_form(row, versions[0].number)
