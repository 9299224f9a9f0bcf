"""Every SQL statement of the table of payments.

Row-level security lets an index be used for plain equality and ranges only. So each statement has the conditions that were asked for and
no others, and what has one of several values is read value by value, each in the order of an index.
"""

from datetime import datetime
from functools import cache
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.charges.money.queries import PAYMENT, PaymentRow
from carelane.charges.schemas import UserOut
from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.patients.known.queries import found_ids, of_name, values_of
from carelane.patients.queries import living
from carelane.payments.listing.schemas import PaymentFilters, SoldOut, SortBy
from carelane.web.paging import Direction, Page

# Whoever has more will not ask how many exactly; and nobody waits for the count.
MOST_COUNTED = 10_000
# A name, a tag or an id of a storefront's stands for so many patients.
_MOST_PATIENTS = 1_000
_MOST_CREATORS = 100
# A comment is looked for in so many, the newest.
MOST_COMMENTS = 10_000
_OWN: LiteralString = "y.organization_id = %(organization_id)s AND y.deleted_at IS NULL"
_CONDITIONS: dict[str, LiteralString] = {
    "id": "y.id = %(id)s",
    "amount": "y.amount_cents BETWEEN (%(amount)s::bigint[])[1] AND (%(amount)s::bigint[])[2]",
    "last4": "y.card_last4 = %(last4)s",
    "created_from": "y.created_at >= %(created_from)s",
    "created_until": "y.created_at < %(created_until)s",
    "is_card": "y.method = 'GATEWAY'",
    "fits_nothing": "NOT %(fits_nothing)s",
}
# One of several values of a column.
_SPREAD: dict[LiteralString, tuple[LiteralString, LiteralString]] = {
    "mediums": ("y.shown_medium", "text"),
    "statuses": ("y.shown_status", "text"),
    "location_ids": ("y.location_id", "uuid"),
    "creator_ids": ("y.created_by_staff_id", "uuid"),
    "account_ids": ("y.gateway_account_id", "uuid"),
}
_NAMED: LiteralString = found_ids("strpos(concat_ws(' ', p.first_name_key, p.last_name_key), %(payer)s) > 0")
# Where payments are reached from, in place of all: a few patients.
_PATIENTS: dict[str, LiteralString] = {
    "patient_id": f"SELECT {living('%(patient_id)s')}",
    "external_patient_id": """SELECT p.id FROM patients p WHERE p.organization_id = %(organization_id)s
      AND p.external_id = %(external_patient_id)s""",
    "payer": f"SELECT n.id FROM ({_NAMED}) n",
    "tag_ids": """SELECT DISTINCT a.patient_id FROM patient_tag_assignments a
      WHERE a.organization_id = %(organization_id)s AND a.tag_id = ANY(%(tag_ids)s::uuid[])""",
}
_ORDERS: dict[SortBy, LiteralString] = {"created_date": "y.created_at", "amount": "y.amount_cents"}
_CREATORS: LiteralString = """
SELECT s.id FROM staff s WHERE s.organization_id = %s AND strpos(lower(concat_ws(' ', s.first_name, s.last_name)), lower(%s)) > 0
ORDER BY s.id LIMIT %s
"""
_COMMENTED: LiteralString = """
SELECT y.id FROM (
  SELECT y.id, y.description FROM payments y WHERE y.organization_id = %s AND y.deleted_at IS NULL AND y.description IS NOT NULL
  ORDER BY y.created_at DESC, y.id DESC LIMIT %s) y
WHERE strpos(lower(y.description), lower(%s)) > 0
"""
_SHOWN: LiteralString = f"""
json_build_object('payment', {PAYMENT}, 'is_test', y.is_test, 'comment', y.description,
  'location_id', (SELECT coalesce(l.given_id, l.id::text) FROM locations l
    WHERE l.organization_id = y.organization_id AND l.id = y.location_id),
  'payer', (SELECT json_build_object('id', coalesce(p.given_id, p.id::text), 'first_name', p.first_name, 'last_name', p.last_name,
      'external_id', p.external_id, 'email', p.email, 'phone_number', p.phone_number)
    FROM patients p WHERE p.organization_id = y.organization_id AND p.id = y.patient_id),
  'creator', (SELECT json_build_object('id', coalesce(s.given_id, s.id::text), 'firstName', s.first_name, 'lastName', s.last_name,
      'phoneNumber', s.phone_number, 'email', s.email, 'type', 'PROVIDER')
    FROM staff s WHERE s.organization_id = y.organization_id AND s.id = y.created_by_staff_id),
  'card', (SELECT json_build_object('id', m.id, 'method_id', m.method_id, 'account_id', m.gateway_account_id,
      'brand', coalesce(y.card_brand, m.brand), 'last4', coalesce(y.card_last4, m.last4), 'exp_month', m.exp_month,
      'exp_year', m.exp_year, 'created_at', m.created_at, 'is_archived', m.archived_at IS NOT NULL)
    FROM payment_methods m WHERE m.organization_id = y.organization_id AND m.patient_id = y.patient_id
      AND m.gateway_account_id = y.gateway_account_id AND m.method_id = y.method_id LIMIT 1),
  'items', coalesce((SELECT json_agg(json_build_object('itemName', n.name, 'quantity', n.quantity, 'pricePerItem', n.unit_price_cents,
      'chargeId', n.charge_id, 'discountAmount', n.discount_amount_cents, 'discountPercentage', n.discount_percentage,
      'taxAmount', n.tax_cents)
      ORDER BY n.charge_id, n.position)
    FROM charge_lines n WHERE n.organization_id = y.organization_id AND n.charge_id = ANY(ARRAY(
      SELECT y.charge_id WHERE y.charge_id IS NOT NULL UNION ALL
      SELECT s.charge_id FROM payment_charges s WHERE s.organization_id = y.organization_id AND s.payment_id = y.id))), '[]'))::text
"""


class Payer(Phi, msgspec.Struct, frozen=True, kw_only=True):
    id: str
    first_name: str | None
    last_name: str | None
    external_id: str | None
    email: str | None
    phone_number: str | None


class CardRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The card that a payment is made with, as far as it is kept."""

    id: UUID
    method_id: str
    account_id: UUID
    brand: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None
    created_at: datetime
    is_archived: bool


class ItemRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A payment of the table, as `_SHOWN` gives it."""

    payment: PaymentRow
    is_test: bool
    comment: str | None
    location_id: str | None
    payer: Payer | None
    creator: UserOut | None
    card: CardRow | None
    items: list[SoldOut]


async def list_payments(conn: Connection, organization_id: UUID, filters: PaymentFilters, page: Page) -> list[ItemRow]:
    order = _order(filters.sort_by, filters.sort_direction)
    found = _found(_names(filters), order)
    statement: LiteralString = f"""
SELECT {_SHOWN} FROM (
  SELECT y.id, row_number() OVER ({order}) AS place FROM ({found}) y {order} LIMIT %(limit)s OFFSET %(offset)s) f, LATERAL (
  SELECT * FROM payments k WHERE k.organization_id = %(organization_id)s AND k.id = f.id LIMIT 1) y
ORDER BY f.place"""
    values = _values(organization_id, filters) | {"limit": page.limit, "offset": page.offset}
    cursor = await conn.execute(statement, values)
    return [msgspec.json.decode(row[0], type=ItemRow) for row in await cursor.fetchall()]


async def count_payments(conn: Connection, organization_id: UUID, filters: PaymentFilters) -> int:
    """How many there are in all, MOST_COUNTED at most."""
    names = _names(filters)
    # Of one value of a column in order, too: else the planner reads the table for the first of them, though there may be none.
    found = _found(names, _order("created_date", "desc") if _SPREAD.keys() & set(names) else "")
    values = _values(organization_id, filters) | {"limit": MOST_COUNTED, "offset": 0}
    statement: LiteralString = f"SELECT count(*) FROM (SELECT FROM ({found}) y LIMIT %(limit)s) n"
    ((count,),) = await (await conn.execute(statement, values)).fetchall()
    return int(count)


async def list_creators(conn: Connection, organization_id: UUID, name: str) -> list[UUID]:
    """Members of staff with a part of their name."""
    found = await conn.execute(_CREATORS, (organization_id, name, _MOST_CREATORS))
    return [row[0] for row in await found.fetchall()]


async def list_commented(conn: Connection, organization_id: UUID, part: str) -> list[UUID]:
    """The newest payments with a part of a text in theirs."""
    found = await conn.execute(_COMMENTED, (organization_id, MOST_COMMENTS, part))
    return [row[0] for row in await found.fetchall()]


@cache
def _order(sort_by: SortBy, direction: Direction) -> LiteralString:
    way: LiteralString = "DESC" if direction == "desc" else "ASC"
    return f"ORDER BY {_ORDERS[sort_by]} {way}, y.id {way}"


@cache
def _found(names: tuple[str, ...], order: LiteralString) -> LiteralString:
    """Ids of payments that fit, with what they are sorted by; no more than are needed up to the page's end, or all where they are few."""
    chosen: LiteralString = "".join(f" AND {text}" for name, text in _CONDITIONS.items() if name in names)
    if "comment_ids" in names:
        chosen += " AND y.id = ANY(%(comment_ids)s::uuid[])"
    taken: LiteralString = "y.id, y.created_at, y.amount_cents"
    cut: LiteralString = f"{order} LIMIT %(limit)s + %(offset)s"
    lead: LiteralString | None = next((name for name in _SPREAD if name in names), None)
    patients: list[LiteralString] = [text for name, text in _PATIENTS.items() if name in names]
    others: LiteralString = "".join(
        f" AND {column} = ANY(%({name})s::{kind}[])"
        for name, (column, kind) in _SPREAD.items()
        if name in names and (patients or name != lead)
    )
    if patients:
        both: LiteralString = " INTERSECT ".join(f"({text})" for text in patients)
        return f"""SELECT {taken} FROM (SELECT n.id FROM ({both}) n (id) LIMIT %(most_patients)s) n, LATERAL (
  SELECT * FROM payments y WHERE {_OWN} AND y.patient_id = n.id{chosen}{others} {cut}) y"""
    if lead is not None:
        column, kind = _SPREAD[lead]
        # A clinic has few accounts: the planner takes each for that of all payments, and looks through them in order rather than in the
        # index of accounts. It does not know of a range that all in it are equal.
        is_it: LiteralString = f"{column} = v.v"
        if lead == "account_ids" and order.startswith("ORDER BY y.created_at"):
            # The index has the newest of each first.
            way: LiteralString = "ASC" if order.endswith("DESC") else "DESC"
            is_it, cut = f"{column} >= v.v AND {column} <= v.v", cut.replace("ORDER BY", f"ORDER BY {column} {way},")
        return f"""SELECT {taken} FROM (SELECT DISTINCT v FROM unnest(%({lead})s::{kind}[]) v) v, LATERAL (
  SELECT * FROM payments y WHERE {_OWN} AND {is_it}{chosen}{others} {cut}) y"""
    return f"SELECT {taken} FROM payments y WHERE {_OWN}{chosen} {cut}"


def _names(filters: PaymentFilters) -> tuple[str, ...]:
    asked = [name for name in (*_CONDITIONS, *_SPREAD, *_PATIENTS) if getattr(filters, name) is not None]
    return (*asked, "comment_ids") if filters.comment_ids is not None else tuple(asked)


def _values(organization_id: UUID, filters: PaymentFilters) -> dict[str, object]:
    values = msgspec.structs.asdict(filters) | {"organization_id": organization_id, "most_patients": _MOST_PATIENTS}
    return values | values_of(*([of_name(filters.payer)] if filters.payer is not None else []))
