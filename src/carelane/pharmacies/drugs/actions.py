"""Making and changing drugs by hand. The rows are written as `apply` writes them."""

from uuid import UUID

import msgspec
from psycopg.errors import UniqueViolation

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, RecordNotFoundError, refuse
from carelane.kit.ids import parse_uuid, uuid7
from carelane.permissions import PHARMACIES_MANAGE, requires
from carelane.pharmacies.actions import save_drugs
from carelane.pharmacies.drugs import queries
from carelane.pharmacies.drugs.reads import NOBODY
from carelane.pharmacies.drugs.schemas import DrugIn, DrugOut
from carelane.pharmacies.drugs.views import show_drug
from carelane.pharmacies.queries import Drug, lock_drugs
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.versions import require_same


@requires(PHARMACIES_MANAGE)
async def create_drug(services: Services, actor: Actor, body: DrugIn, request_key: RequestKey | None) -> DrugOut:
    """Raises RuleBrokenError, and what `run_once` raises."""

    async def act(conn: Connection) -> DrugOut:
        return await _save(conn, actor, uuid7(), body, None)

    return await run_once(services, actor, request_key, act)


@requires(PHARMACIES_MANAGE)
async def change_drug(
    services: Services, actor: Actor, ref: str, body: DrugIn, request_key: RequestKey | None
) -> DrugOut:
    """As a whole. Raises RecordNotFoundError, ChangedMeanwhileError, RuleBrokenError, and what `run_once` raises."""

    async def act(conn: Connection) -> DrugOut:
        row_id = parse_uuid(ref) or NOBODY
        await lock_drugs(conn, actor.organization_id, [row_id])
        # In a statement of its own: what is read with the lock would be as it was before the wait for it.
        before = await queries.find_row(conn, actor.organization_id, row_id)
        if before is None:
            raise RecordNotFoundError("no such drug here")
        require_same(body.version, show_drug(before).version)
        return await _save(conn, actor, row_id, body, before)

    return await run_once(services, actor, request_key, act)


async def _save(conn: Connection, actor: Actor, drug_id: UUID, body: DrugIn, before: Drug | None) -> DrugOut:
    """Raises RuleBrokenError."""
    organization_id = actor.organization_id
    if body.product_id is not None and not await queries.find_is_product(conn, organization_id, body.product_id):
        refuse([FieldProblem("productId", "expected a product of this clinic")])
    members = msgspec.structs.asdict(body)
    del members["version"]
    wanted = Drug(organization_id=organization_id, id=drug_id, **members)
    try:
        if wanted != before:
            await save_drugs(conn, actor, [wanted])
        # Asking for it again brings the answer to what was sent before.
        saved = await queries.find_row(conn, organization_id, drug_id)
    except UniqueViolation:
        refuse([FieldProblem("code", "another drug has this code")])
        raise
    if saved is None:
        raise LookupError("the drug is gone")
    return show_drug(saved)
