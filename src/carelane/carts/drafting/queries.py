"""Statements that write whole carts, and those that first gather what must be known."""

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from carelane.carts.queries import LINES, ONE, SOLD, CartRow, LockedCart, cart_json
from carelane.events import INSERT_EVENTS, Event
from carelane.kit.db import Connection, Sealed, to_json
from carelane.kit.phi import Phi
from carelane.patients.billing.queries import PATIENT, PatientRow
from carelane.patients.queries import living
from carelane.permissions import Role
from carelane.pricing.lines import Catalog, LineRow, RequestedLine
from carelane.pricing.queries import REQUESTED, catalog_json, insert_lines, line_columns, requested_ids, save_lines
from carelane.staff.billing.queries import PROVIDER
from carelane.staff.billing.schemas import ProviderTinyOut
from carelane.taxes.queries import taxes_at

# The catalog also has what is about to be added, and the taxes of the cart's location.
_FIND_CHANGEABLE: LiteralString = f"""
SELECT {cart_json(catalog_json("c.currency", taxes_at("c.location_id"), SOLD, REQUESTED))}::text {ONE}
"""
_LOCK: LiteralString = f"SELECT {ONE} FOR NO KEY UPDATE"
_LIVING: LiteralString = living("%(patient_id)s")
_LOCATION_OF_PATIENT: LiteralString = f"""
(SELECT w.primary_location_id FROM patients w WHERE w.organization_id = %(organization_id)s AND w.id = {_LIVING})
"""
_CONTEXT: LiteralString = f"""
SELECT json_build_object(
  'is_taken', EXISTS (SELECT FROM carts k WHERE k.organization_id = o.id AND k.id = %(cart_id)s),
  'patient', (SELECT json_build_object('location_id', p.primary_location_id, 'shown', {PATIENT})
    FROM patients p WHERE p.organization_id = o.id AND p.id = {_LIVING} AND p.archived_at IS NULL),
  'creator', (SELECT json_build_object('role', s.role, 'shown', {PROVIDER})
    FROM staff s WHERE s.organization_id = o.id AND s.id = %(creator_id)s AND s.deactivated_at IS NULL),
  'catalog', {catalog_json("o.currency", taxes_at(_LOCATION_OF_PATIENT), REQUESTED)})::text
FROM organizations o WHERE o.id = %(organization_id)s
"""
_COLUMNS: LiteralString = """
organization_id, id, given_id, patient_id, creator_id, location_id, currency, discount_amount_cents, discount_percentage,
subtotal_cents, discount_cents, tax_cents, total_cents, notes_sealed, expires_at, created_at, updated_at
"""
# All rows of a cart in one statement, however many lines it has.
_INSERT: LiteralString = f"""
WITH sent AS (SELECT %s::jsonb AS rows), new_cart AS (
  INSERT INTO carts ({_COLUMNS}) SELECT {_COLUMNS} FROM sent, jsonb_populate_record(null::carts, sent.rows -> 'cart')
), new_events AS ({INSERT_EVENTS}) {insert_lines(LINES)}
"""
# What changed in a cart: its own columns, lines that are gone, and lines that are new or have other values.
_SAVE: LiteralString = f"""
WITH sent AS (SELECT %s::jsonb AS rows), saved AS (
  UPDATE carts c SET creator_id = n.creator_id, discount_amount_cents = n.discount_amount_cents,
    discount_percentage = n.discount_percentage, subtotal_cents = n.subtotal_cents, discount_cents = n.discount_cents,
    tax_cents = n.tax_cents, total_cents = n.total_cents, notes_sealed = n.notes_sealed, expires_at = n.expires_at,
    updated_at = n.updated_at
  FROM sent, jsonb_populate_record(null::carts, sent.rows -> 'cart') n
  WHERE c.organization_id = n.organization_id AND c.id = n.id
), removed AS (
  DELETE FROM cart_lines n USING sent
  WHERE n.organization_id = (sent.rows -> 'cart' ->> 'organization_id')::uuid
    AND n.id IN (SELECT gone::uuid FROM sent, jsonb_array_elements_text(sent.rows -> 'removed') gone)
), new_events AS ({INSERT_EVENTS}) {save_lines(LINES)}
"""


class KnownPatient(Phi, msgspec.Struct, frozen=True, kw_only=True):
    location_id: UUID | None
    shown: PatientRow


class KnownCreator(msgspec.Struct, frozen=True, kw_only=True):
    role: Role
    shown: ProviderTinyOut


class CartContext(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What must be known before a cart is written. Who is unknown, archived or deactivated is None."""

    is_taken: bool
    patient: KnownPatient | None
    creator: KnownCreator | None
    catalog: Catalog


async def get_context(
    conn: Connection,
    organization_id: UUID,
    cart_id: UUID,
    patient_id: UUID,
    creator_id: UUID | None,
    requested: Iterable[RequestedLine],
) -> CartContext:
    """In one round trip."""
    values = {
        "organization_id": organization_id,
        "cart_id": cart_id,
        "patient_id": patient_id,
        "creator_id": creator_id,
        **requested_ids(requested),
    }
    row = await (await conn.execute(_CONTEXT, values)).fetchone()
    if row is None:
        raise LookupError("the credential's organization is gone")
    return msgspec.json.decode(row[0], type=CartContext)


async def lock_changeable(
    conn: Connection, organization_id: UUID, cart_id: UUID, requested: Iterable[RequestedLine] = ()
) -> CartRow | None:
    """The cart, archived or not; its catalog has what is requested too, and the taxes of its location. One round trip: the
    second statement begins when the row is ours, so it sees what the row's last holder did."""
    values = {"organization_id": organization_id, "cart_id": cart_id, **requested_ids(requested)}
    await conn.execute(_LOCK, values)
    row = await (await conn.execute(_FIND_CHANGEABLE, values)).fetchone()
    return msgspec.json.decode(row[0], type=CartRow) if row else None


async def insert_cart(
    conn: Connection, organization_id: UUID, cart: LockedCart, lines: Sequence[LineRow], event: Event
) -> None:
    await conn.execute(_INSERT, (_rows(organization_id, cart, lines, (), event),))


async def save_cart(
    conn: Connection,
    organization_id: UUID,
    cart: LockedCart,
    lines: Sequence[LineRow],
    removed: Sequence[UUID],
    event: Event,
) -> None:
    """`lines` are those that are new or changed."""
    await conn.execute(_SAVE, (_rows(organization_id, cart, lines, removed, event),))


def _rows(
    organization_id: UUID, cart: LockedCart, lines: Sequence[LineRow], removed: Sequence[UUID], event: Event
) -> str:
    return to_json(
        {
            "cart": _cart_columns(organization_id, cart),
            "lines": [line_columns(LINES, organization_id, cart.id, line) for line in lines],
            "removed": removed,
            "events": [event],
        }
    )


def _cart_columns(organization_id: UUID, cart: LockedCart) -> dict[str, Any]:
    columns = {name: getattr(cart, name) for name in LockedCart.__struct_fields__}
    notes = None if cart.notes is None else Sealed(bytes.fromhex(cart.notes))
    return columns | {"organization_id": organization_id, "notes_sealed": notes}
