"""Making and changing taxes by hand. The rows are written as `apply` writes them."""

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.decimals import MAX_PERCENTAGE
from carelane.kit.errors import FieldProblem, RecordNotFoundError, refuse
from carelane.kit.ids import parse_uuid, uuid7
from carelane.permissions import CATALOG_WRITE, requires
from carelane.services import Services
from carelane.taxes.actions import save_taxes
from carelane.taxes.desk import queries
from carelane.taxes.desk.reads import NOBODY
from carelane.taxes.desk.schemas import RaisedTaxIn, RaisedTaxOut
from carelane.taxes.desk.views import show_tax
from carelane.taxes.queries import TaxRow, lock_taxes
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.versions import require_same

# As the database keeps percentages.
_STEP = Decimal("0.000001")


@requires(CATALOG_WRITE)
async def create_tax(
    services: Services, actor: Actor, body: RaisedTaxIn, request_key: RequestKey | None
) -> RaisedTaxOut:
    """Raises RuleBrokenError, and what `run_once` raises."""

    async def act(conn: Connection) -> RaisedTaxOut:
        return await _save(conn, actor, uuid7(), body, None)

    return await run_once(services, actor, request_key, act)


@requires(CATALOG_WRITE)
async def change_tax(
    services: Services, actor: Actor, ref: str, body: RaisedTaxIn, request_key: RequestKey | None
) -> RaisedTaxOut:
    """As a whole. Raises RecordNotFoundError, ChangedMeanwhileError, RuleBrokenError, and what `run_once` raises."""

    async def act(conn: Connection) -> RaisedTaxOut:
        row_id = parse_uuid(ref) or NOBODY
        await lock_taxes(conn, actor.organization_id, [row_id])
        # In a statement of its own: what is read with the lock would be as it was before the wait for it.
        before = await queries.find_row(conn, actor.organization_id, row_id)
        if before is None:
            raise RecordNotFoundError("no such tax here")
        require_same(body.version, show_tax(before).version)
        return await _save(conn, actor, row_id, body, before)

    return await run_once(services, actor, request_key, act)


async def _save(conn: Connection, actor: Actor, tax_id: UUID, body: RaisedTaxIn, before: TaxRow | None) -> RaisedTaxOut:
    """Raises RuleBrokenError; ConflictError when there would be too many."""
    refuse(_broken_rules(body))
    wanted = TaxRow(
        id=tax_id,
        name=body.name,
        percentage=Decimal(body.percentage).quantize(_STEP),
        scope=body.scope,
        category_names=body.category_names,
        location_ids=sorted(set(body.location_ids)),
        is_active=body.is_active,
    )
    if await queries.list_missing_locations(conn, actor.organization_id, wanted.location_ids):
        refuse([FieldProblem("locationIds", "expected locations of this clinic")])
    if wanted != before:
        await save_taxes(conn, actor, [wanted])
    return show_tax(wanted)


def _broken_rules(body: RaisedTaxIn) -> Iterator[FieldProblem]:
    if Decimal(body.percentage) > MAX_PERCENTAGE:
        yield FieldProblem("percentage", "expected a percentage from 0 to 100")
    if (body.scope == "SPECIFIC_CATEGORIES") != bool(body.category_names):
        yield FieldProblem("categoryNames", "expected for a tax on some categories, and only then")
