"""The SQL statements about cases in short, and the row types."""

from collections.abc import Iterable
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection, uuid_array
from carelane.kit.phi import Phi

_OVERVIEW: LiteralString = """
SELECT json_build_object('id', c.id, 'short_id', c.short_id, 'status', c.status, 'type', c.type, 'title', c.title,
  'created_at', c.created_at, 'updated_at', c.updated_at, 'closed_at', c.closed_at, 'is_archived', c.is_archived,
  'is_escalated', c.is_escalated, 'is_test', c.is_test, 'archive_reason', c.archive_reason,
  'archive_note', encode(c.archive_note_sealed, 'hex'), 'referral_code', c.referral_code,
  'product_bundle', CASE WHEN b.id IS NOT NULL THEN json_build_object('id', b.id, 'name', b.name) END,
  'submitter', json_build_object('id', p.id, 'first_name', c.patient_first_name, 'last_name', c.patient_last_name,
    'email', p.email,
    'phone_number', p.phone_number))::text
FROM cases c JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
LEFT JOIN bundles b ON b.organization_id = c.organization_id AND b.id = c.bundle_id
WHERE c.organization_id = %(organization_id)s
"""
_BY_IDS: LiteralString = _OVERVIEW + " AND c.id = ANY(%(ids)s::uuid[])"
# Ids are in the order of time. One condition that is always there must not be in the statement when it is not set.
_FIRST_PAGE: LiteralString = _OVERVIEW + " ORDER BY c.id DESC LIMIT %(most)s"
_NEXT_PAGE: LiteralString = _OVERVIEW + " AND c.id < %(after)s ORDER BY c.id DESC LIMIT %(most)s"
_PRODUCTS: LiteralString = """
SELECT json_build_object('case_id', k.case_id, 'id', k.id, 'status', k.status, 'created_at', k.created_at,
  'organization_product', json_build_object('id', o.id, 'name', o.name),
  'subscription', CASE WHEN k.subscription_interval IS NOT NULL OR k.subscription_interval_count IS NOT NULL THEN
    json_build_object('interval', k.subscription_interval, 'interval_count', k.subscription_interval_count) END,
  'case_product_requests', coalesce((
    SELECT json_agg(json_build_object('id', r.id, 'status', r.status, 'visit_type', r.visit_type,
      'form_response_id', r.form_response_id, 'created_at', r.created_at, 'updated_at', r.updated_at)
      ORDER BY r.created_at DESC, r.id DESC)
    FROM case_product_requests r WHERE r.organization_id = k.organization_id AND r.case_product_id = k.id), '[]'))::text
FROM case_products k JOIN products o ON o.organization_id = k.organization_id AND o.id = k.product_id
WHERE k.organization_id = %(organization_id)s AND k.case_id = ANY(%(ids)s::uuid[]) ORDER BY k.case_id, k.position
"""
_LATEST: LiteralString = """
SELECT c.id FROM cases c WHERE c.organization_id = %(organization_id)s AND c.patient_id = ANY(ARRAY(
  SELECT coalesce(p.merged_into_id, p.id) FROM patients p WHERE p.organization_id = %(organization_id)s AND {patients}))
ORDER BY c.created_at DESC, c.id DESC LIMIT 1
"""
_LATEST_BY_MAILBOX: LiteralString = _LATEST.format(patients="p.mailbox = %(who)s")
_LATEST_BY_PHONE: LiteralString = _LATEST.format(patients="p.phone_e164 = %(who)s")


class NamedRecord(msgspec.Struct, frozen=True):
    id: UUID
    name: str


class Submitter(Phi, msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    first_name: str | None
    last_name: str | None
    email: str | None
    phone_number: str | None

    @property
    def full_name(self) -> str:
        return " ".join(name for name in (self.first_name, self.last_name) if name)


class CaseOverview(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """`archive_note` is sealed, in hexadecimal digits, until a read has opened it."""

    id: UUID
    short_id: str
    status: str
    type: str
    title: str
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    is_archived: bool
    is_escalated: bool
    is_test: bool
    archive_reason: str | None
    archive_note: str | None
    referral_code: str | None
    product_bundle: NamedRecord | None
    submitter: Submitter


class Subscription(msgspec.Struct, frozen=True):
    interval: str | None
    interval_count: int | None


class ProductRequest(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    status: str
    visit_type: str | None
    form_response_id: UUID | None
    created_at: datetime
    updated_at: datetime


class OrderedProduct(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A product of a case; its requests newest first."""

    case_id: UUID
    id: UUID
    status: str
    created_at: datetime
    organization_product: NamedRecord
    subscription: Subscription | None
    case_product_requests: list[ProductRequest]


async def list_by_ids(conn: Connection, organization_id: UUID, ids: Iterable[UUID]) -> list[CaseOverview]:
    """Those that are there, in no order."""
    values = {"organization_id": organization_id, "ids": uuid_array(ids)}
    cursor = await conn.execute(_BY_IDS, values)
    return [msgspec.json.decode(row[0], type=CaseOverview) for row in await cursor.fetchall()]


async def list_page(conn: Connection, organization_id: UUID, after: UUID | None, most: int) -> list[CaseOverview]:
    """Newest first."""
    values = {"organization_id": organization_id, "after": after, "most": most}
    cursor = await conn.execute(_FIRST_PAGE if after is None else _NEXT_PAGE, values)
    return [msgspec.json.decode(row[0], type=CaseOverview) for row in await cursor.fetchall()]


async def list_products(conn: Connection, organization_id: UUID, case_ids: Iterable[UUID]) -> list[OrderedProduct]:
    cursor = await conn.execute(_PRODUCTS, {"organization_id": organization_id, "ids": uuid_array(case_ids)})
    return [msgspec.json.decode(row[0], type=OrderedProduct) for row in await cursor.fetchall()]


async def find_latest_id(
    conn: Connection, organization_id: UUID, *, mailbox: str | None, phone: str | None
) -> UUID | None:
    """The newest case of the patients with the e-mail address or, without one, the telephone number."""
    statement = _LATEST_BY_PHONE if mailbox is None else _LATEST_BY_MAILBOX
    values = {"organization_id": organization_id, "who": phone if mailbox is None else mailbox}
    row = await (await conn.execute(statement, values)).fetchone()
    return row[0] if row else None
