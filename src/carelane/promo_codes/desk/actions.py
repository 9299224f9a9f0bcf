"""Making and changing promo codes by hand. The rows are written as `apply` writes them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from psycopg.errors import UniqueViolation

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.decimals import MAX_PERCENTAGE
from carelane.kit.errors import FieldProblem, RecordNotFoundError, refuse
from carelane.kit.ids import parse_uuid, uuid7
from carelane.kit.money import read_amount
from carelane.organizations.queries import get_currency
from carelane.permissions import CATALOG_WRITE, requires
from carelane.promo_codes.actions import save_promo_codes
from carelane.promo_codes.desk import queries
from carelane.promo_codes.desk.queries import UsedCode
from carelane.promo_codes.desk.reads import NOBODY
from carelane.promo_codes.desk.schemas import PromoCodeIn, PromoCodeOut
from carelane.promo_codes.desk.views import show_promo_code
from carelane.promo_codes.queries import PromoCode, lock_promo_codes
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.versions import require_same

# As the database keeps percentages.
_STEP = Decimal("0.000001")


@requires(CATALOG_WRITE)
async def create_promo_code(
    services: Services, actor: Actor, body: PromoCodeIn, request_key: RequestKey | None
) -> PromoCodeOut:
    """Raises RuleBrokenError, and what `run_once` raises."""

    async def act(conn: Connection) -> PromoCodeOut:
        return await _save(conn, actor, uuid7(), body, None)

    return await run_once(services, actor, request_key, act)


@requires(CATALOG_WRITE)
async def change_promo_code(
    services: Services, actor: Actor, ref: str, body: PromoCodeIn, request_key: RequestKey | None
) -> PromoCodeOut:
    """As a whole. Raises RecordNotFoundError, ChangedMeanwhileError, RuleBrokenError, and what `run_once` raises."""

    async def act(conn: Connection) -> PromoCodeOut:
        row_id = parse_uuid(ref) or NOBODY
        await lock_promo_codes(conn, actor.organization_id, [row_id])
        # In a statement of its own: what is read with the lock would be as it was before the wait for it.
        before = await queries.find_row(conn, actor.organization_id, row_id)
        if before is None:
            raise RecordNotFoundError("no such promo code here")
        require_same(body.version, show_promo_code(before).version)
        return await _save(conn, actor, row_id, body, before)

    return await run_once(services, actor, request_key, act)


async def _save(
    conn: Connection, actor: Actor, code_id: UUID, body: PromoCodeIn, before: UsedCode | None
) -> PromoCodeOut:
    currency = before.currency if before else await get_currency(conn, actor.organization_id)
    wanted = _row(code_id, currency, body)
    if await queries.list_missing_bundles(conn, actor.organization_id, wanted.bundle_ids):
        refuse([FieldProblem("bundleIds", "expected bundles of this clinic")])
    try:
        await save_promo_codes(conn, actor, [wanted])
        # Asking for it again brings the answer to what was sent before.
        saved = await queries.find_row(conn, actor.organization_id, code_id)
    except UniqueViolation:
        refuse([FieldProblem("code", "there is such a code already")])
        raise
    if saved is None:
        raise LookupError("the promo code is gone")
    return show_promo_code(saved)


def _row(code_id: UUID, currency: str, body: PromoCodeIn) -> PromoCode:
    """Raises RuleBrokenError."""
    refuse(_broken_rules(body))
    amount, percentage = body.discount_amount, body.discount_percentage
    try:
        cents = None if amount is None else read_amount(amount, currency)
    except ValueError as error:
        refuse([FieldProblem("discountAmount", str(error))])
        raise
    if cents == 0:
        refuse([FieldProblem("discountAmount", "expected an amount above 0")])
    members: dict[str, Any] = msgspec.structs.asdict(body)
    for name in ("version", "discount_amount", "discount_percentage"):
        del members[name]
    times = {"starts_at": _in_utc("startsAt", body.starts_at), "ends_at": _in_utc("endsAt", body.ends_at)}
    members |= times | {"bundle_ids": sorted(set(body.bundle_ids))}
    return PromoCode(
        **members,
        id=code_id,
        currency=currency,
        discount_amount_cents=cents,
        discount_percentage=None if percentage is None else Decimal(percentage).quantize(_STEP),
    )


def _in_utc(field: str, at: datetime | None) -> datetime | None:
    try:
        return at and at.astimezone(UTC)
    except OverflowError:
        refuse([FieldProblem(field, "expected a moment in the years from 1 to 9999")])
        raise


def _broken_rules(body: PromoCodeIn) -> Iterator[FieldProblem]:
    if (body.discount_percentage is None) == (body.discount_amount is None):
        yield FieldProblem("discountPercentage", "expected either a percentage or an amount")
    elif body.discount_percentage is not None and not 0 < Decimal(body.discount_percentage) <= MAX_PERCENTAGE:
        yield FieldProblem("discountPercentage", "expected a percentage above 0, at most 100")
    if body.starts_at is not None and body.ends_at is not None and body.starts_at >= body.ends_at:
        yield FieldProblem("endsAt", "expected a moment after the first")
