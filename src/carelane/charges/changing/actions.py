"""Changing what is written on a charge, and archiving one."""

from functools import partial

from carelane import events
from carelane.charges.adjusting.actions import get_member
from carelane.charges.changing import queries
from carelane.charges.changing.queries import Written
from carelane.charges.changing.schemas import ChargeDetailsIn, SoldBy, details_problems, sold_as
from carelane.charges.owed.access import Check, lock_unmoved
from carelane.charges.owed.actions import reverse, settle_nothing
from carelane.charges.queries import COMMENT, DESCRIPTION
from carelane.kit.auth import Actor
from carelane.kit.clock import in_utc
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, RecordNotFoundError, refuse
from carelane.kit.ids import record_id
from carelane.kit.phi import DataKey
from carelane.permissions import BILLING_WRITE, PAYMENTS_REFUND, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(PAYMENTS_REFUND)
async def archive_charge(services: Services, actor: Actor, ref: str, check: Check | None = None) -> bool:
    """Raises RecordNotFoundError, ConflictError when anything was paid or is being taken, and what `check` raises."""
    async with services.db.transaction(actor) as conn:
        charge = await lock_unmoved(conn, actor, ref, check)
        if not charge.is_voided:
            await reverse(conn, actor, charge)
        await queries.set_archived(conn, actor.organization_id, charge.id)
        await settle_nothing(conn, actor, charge)
        event = events.new_event(actor, "CHARGE_ARCHIVED", None, target_id=charge.id, is_test=charge.is_test)
        await events.record(conn, event)
    return True


@requires(BILLING_WRITE)
async def update_charge(
    services: Services, actor: Actor, ref: str, body: ChargeDetailsIn, request_key: RequestKey | None
) -> bool:
    """What is written on it. Raises RuleBrokenError, RecordNotFoundError, and what `run_once` raises."""
    refuse(details_problems(body))
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_update, actor, data_key, ref, body))


async def _update(actor: Actor, data_key: DataKey, ref: str, body: ChargeDetailsIn, conn: Connection) -> bool:
    charge_id = record_id(actor.organization_id, ref)

    def sealed(text: str | None, place: str) -> bytes | None:
        return data_key.seal(text.encode(), place, charge_id) if text else (b"" if text == "" else None)

    written = Written(
        description=sealed(body.description, DESCRIPTION),
        comment=sealed(body.comment, COMMENT),
        external_created_at=in_utc(body.external_created_date),
    )
    is_test = await queries.save_written(conn, actor.organization_id, charge_id, written)
    if is_test is None:
        raise RecordNotFoundError(f"no charge {ref} here")
    only_comment = body.description is None and body.external_created_date is None
    what = "COMMENT" if only_comment else "DETAILS"
    event = events.new_event(actor, "CHARGE_UPDATED", None, target_id=charge_id, is_test=is_test, value_after=what)
    await events.record(conn, event)
    return True


@requires(BILLING_WRITE)
async def update_sold_by_provider(
    services: Services, actor: Actor, sold: SoldBy, request_key: RequestKey | None
) -> dict[str, str]:
    """Raises RuleBrokenError, RecordNotFoundError, and what `run_once` raises."""
    if sold_as(sold.item_type) is None:
        refuse([FieldProblem("item_type", "expected CHARGE_ITEM or SOLD_PACKAGE", "query")])
    return await run_once(services, actor, request_key, partial(_set_seller, actor, sold))


async def _set_seller(actor: Actor, sold: SoldBy, conn: Connection) -> dict[str, str]:
    organization_id, is_package = actor.organization_id, sold_as(sold.item_type) == "PACKAGE"
    staff_id = await get_member(conn, actor, sold.provider_id)
    line_id = record_id(organization_id, sold.item_id)
    found = await queries.set_seller(conn, organization_id, line_id, staff_id, is_package=is_package)
    if found is None:
        raise RecordNotFoundError(f"no {'sold package' if is_package else 'line of a charge'} {sold.item_id} here")
    charge_id, is_test = found
    event = events.new_event(actor, "CHARGE_UPDATED", None, target_id=charge_id, is_test=is_test, value_after="SOLD_BY")
    await events.record(conn, event)
    seller = {"providerId": sold.provider_id} if sold.provider_id is not None else {}
    return {"itemId": sold.item_id, "itemType": sold.item_type} | seller
