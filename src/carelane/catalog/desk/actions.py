"""Making and changing products and bundles by hand. The rows are written by `catalog.actions`, as `apply` writes them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from carelane import events
from carelane.catalog import actions as catalog
from carelane.catalog import queries as rows
from carelane.catalog.billing.items.queries import Exemption, list_taxes, save_exemptions
from carelane.catalog.desk import queries
from carelane.catalog.desk.queries import SoldProduct
from carelane.catalog.desk.reads import NOBODY
from carelane.catalog.desk.schemas import OfferedBundleIn, OfferedBundleOut, SoldProductIn, SoldProductOut
from carelane.catalog.desk.views import show_bundle, show_product
from carelane.catalog.queries import FullBundle, Product
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, RecordNotFoundError, refuse
from carelane.kit.ids import parse_uuid, uuid7
from carelane.kit.money import read_amount
from carelane.organizations.queries import get_currency
from carelane.permissions import CATALOG_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.versions import require_same


@requires(CATALOG_WRITE)
async def create_product(
    services: Services, actor: Actor, body: SoldProductIn, request_key: RequestKey | None
) -> SoldProductOut:
    """In the organization's currency. Raises RuleBrokenError, and what `run_once` raises."""

    async def act(conn: Connection) -> SoldProductOut:
        currency = await get_currency(conn, actor.organization_id)
        return await _save_product(conn, actor, _product(uuid7(), currency, body), None)

    return await run_once(services, actor, request_key, act)


@requires(CATALOG_WRITE)
async def change_product(
    services: Services, actor: Actor, ref: str, body: SoldProductIn, request_key: RequestKey | None
) -> SoldProductOut:
    """As a whole; its currency stays. Raises RecordNotFoundError, ChangedMeanwhileError, RuleBrokenError, and what `run_once`
    raises."""

    async def act(conn: Connection) -> SoldProductOut:
        organization_id, product_id = actor.organization_id, parse_uuid(ref) or NOBODY
        await rows.lock_products(conn, organization_id, [product_id])
        before = await queries.find_product(conn, organization_id, product_id)
        if before is None:
            raise RecordNotFoundError("no such product here")
        require_same(body.version, show_product(before).version)
        return await _save_product(conn, actor, _product(before.id, before.currency, body), before)

    return await run_once(services, actor, request_key, act)


async def _save_product(
    conn: Connection, actor: Actor, wanted: SoldProduct, before: SoldProduct | None
) -> SoldProductOut:
    organization_id = actor.organization_id
    there = await list_taxes(conn, organization_id, wanted.exempted_tax_ids, [wanted.id])
    if set(wanted.exempted_tax_ids) - there:
        refuse([FieldProblem("exemptedTaxIds", "expected taxes of this clinic")])
    await save_sold_products(conn, actor, [wanted], {} if before is None else {before.id: before})
    return show_product(wanted)


@requires(CATALOG_WRITE)
async def save_sold_products(
    conn: Connection, actor: Actor, wanted: list[SoldProduct], there: Mapping[UUID, SoldProduct]
) -> None:
    """Makes each product what is wanted, with an event for each that changes. Those that are there are locked; the taxes are there."""
    await catalog.save_products(conn, actor, [_shared(one) for one in wanted])
    changed = [one for one in wanted if one != there.get(one.id)]
    if not changed:
        return
    await queries.save_rest(conn, actor.organization_id, changed)
    exemptions = [
        Exemption(organization_id=actor.organization_id, product_id=one.id, tax_id=tax_id)
        for one in changed
        for tax_id in one.exempted_tax_ids
    ]
    await save_exemptions(conn, actor.organization_id, [one.id for one in changed], exemptions)
    # Where what both dialects know stayed, nobody has recorded it yet.
    quiet = [one for one in changed if one.id in there and _shared(one) == _shared(there[one.id])]
    acts = (
        events.new_event(actor, "CATALOG_CHANGED", None, target_id=one.id, value_before="UPDATED", value_after="item")
        for one in quiet
    )
    await events.record(conn, *acts)


def _product(product_id: UUID, currency: str, body: SoldProductIn) -> SoldProduct:
    """Raises RuleBrokenError."""
    members: dict[str, Any] = msgspec.structs.asdict(body) | {"exempted_tax_ids": sorted(set(body.exempted_tax_ids))}
    del members["version"]
    price = _cents("price", members.pop("price"), currency)
    return SoldProduct(id=product_id, currency=currency, price_cents=price, **members)


def _shared(product: SoldProduct) -> Product:
    return Product(**{name: getattr(product, name) for name in Product.__struct_fields__})


@requires(CATALOG_WRITE)
async def create_bundle(
    services: Services, actor: Actor, body: OfferedBundleIn, request_key: RequestKey | None
) -> OfferedBundleOut:
    """In the organization's currency. Raises RuleBrokenError, and what `run_once` raises."""

    async def act(conn: Connection) -> OfferedBundleOut:
        currency = await get_currency(conn, actor.organization_id)
        return await _save_bundle(conn, actor, _bundle(uuid7(), currency, body))

    return await run_once(services, actor, request_key, act)


@requires(CATALOG_WRITE)
async def change_bundle(
    services: Services, actor: Actor, ref: str, body: OfferedBundleIn, request_key: RequestKey | None
) -> OfferedBundleOut:
    """As a whole; its currency stays. Raises RecordNotFoundError, ChangedMeanwhileError, RuleBrokenError, and what `run_once`
    raises."""

    async def act(conn: Connection) -> OfferedBundleOut:
        found = await rows.lock_bundles(conn, actor.organization_id, [parse_uuid(ref) or NOBODY])
        before = next(iter(found.values()), None)
        if before is None:
            raise RecordNotFoundError("no such bundle here")
        require_same(body.version, show_bundle(before).version)
        return await _save_bundle(conn, actor, _bundle(before.id, before.currency, body))

    return await run_once(services, actor, request_key, act)


async def _save_bundle(conn: Connection, actor: Actor, wanted: FullBundle) -> OfferedBundleOut:
    organization_id = actor.organization_id
    if await queries.list_missing_products(conn, organization_id, wanted.product_ids):
        refuse([FieldProblem("productIds", "expected products of this clinic")])
    forms = {"intakeFormId": wanted.intake_form_id, "followupFormId": wanted.followup_form_id}
    missing = await queries.list_missing_forms(conn, organization_id, [one for one in forms.values() if one])
    refuse(FieldProblem(name, "expected a form of this clinic") for name, one in forms.items() if one in missing)
    await catalog.save_bundles(conn, actor, [wanted])
    return show_bundle(wanted)


def _bundle(bundle_id: UUID, currency: str, body: OfferedBundleIn) -> FullBundle:
    """Raises RuleBrokenError."""
    members: dict[str, Any] = msgspec.structs.asdict(body) | {"product_ids": sorted(set(body.product_ids))}
    del members["version"]
    price = _cents("price", members.pop("price"), currency)
    discount = _cents("initialDiscount", members.pop("initial_discount"), currency)
    if discount > price:
        refuse([FieldProblem("initialDiscount", "expected at most the price")])
    return FullBundle(id=bundle_id, currency=currency, price_cents=price, initial_discount_cents=discount, **members)


def _cents(field: str, text: str, currency: str) -> int:
    try:
        return read_amount(text, currency)
    except ValueError as error:
        refuse([FieldProblem(field, str(error))])
        raise
