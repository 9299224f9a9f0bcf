"""SQL about what was decided in a case, and what was ordered on it."""

from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.cases.states import RequestStatus
from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.orders.queries import CONTEXT, Named, OrderContext
from carelane.orders.states import OrderStatus

# What was ordered earlier matters only if something is ordered now that a decision bounds.
_IS_BOUND: LiteralString = """
EXISTS (SELECT FROM drugs d WHERE d.organization_id = c.organization_id AND d.code = ANY(%(drugs)s)
        AND d.product_id IS NOT NULL)
"""
# `products`: the product of each drug that was named, and of all other drugs of these products. No join: see
# `cases/queries.py`.
_RECORD: LiteralString = (
    """
SELECT json_build_object(
  'requests', coalesce((
    SELECT json_agg(json_build_object('productId', k.product_id, 'statuses', ARRAY(
      SELECT r.status FROM case_product_requests r WHERE r.organization_id = k.organization_id AND r.case_product_id = k.id
      ORDER BY r.created_at, r.id)) ORDER BY k.position, k.id)
    FROM case_products k WHERE k.organization_id = c.organization_id AND k.case_id = c.id), '[]'),
  'decisions', coalesce((
    SELECT json_agg(json_build_object('id', d.id, 'productId', d.product_id, 'isApproved', d.is_approved,
      'isNoDecision', d.is_no_decision, 'startDate', d.start_date, 'endDate', d.end_date, 'createdAt', d.created_at,
      'decider', (
        SELECT json_build_object('firstName', s.first_name, 'lastName', s.last_name, 'titleSuffix', s.title_suffix,
          'npi', s.npi)
        FROM staff s WHERE s.organization_id = d.organization_id AND s.id = d.added_by_id),
      'medications', coalesce((
        SELECT json_agg(json_build_object('id', m.id, 'sealed', encode(m.sealed, 'hex')) ORDER BY m.position, m.id)
        FROM decision_medications m WHERE m.organization_id = d.organization_id AND m.decision_id = d.id), '[]'))
      ORDER BY d.created_at, d.id)
    FROM decisions d
    WHERE d.organization_id = c.organization_id AND d.case_id = c.id AND d.product_id IS NOT NULL), '[]'),
  'products', CASE WHEN """
    + _IS_BOUND
    + """ THEN (
    SELECT json_object_agg(d.code, d.product_id) FROM drugs d
    WHERE d.organization_id = c.organization_id AND d.product_id = ANY(ARRAY(
      SELECT n.product_id FROM drugs n WHERE n.organization_id = c.organization_id AND n.code = ANY(%(drugs)s))))
    ELSE '{}' END,
  'orders', CASE WHEN """
    + _IS_BOUND
    + """ THEN coalesce((
    SELECT json_agg(json_build_object('id', o.id, 'status', o.status, 'hasFailed', o.failure IS NOT NULL,
      'replacesOrderId', o.replaces_order_id, 'createdAt', o.created_at, 'items', coalesce((
        SELECT json_agg(json_build_object('id', i.id, 'sealed', encode(i.sealed, 'hex'))) FROM order_items i
        WHERE i.organization_id = o.organization_id AND i.order_id = o.id), '[]')))
    FROM orders o WHERE o.organization_id = c.organization_id AND o.case_id = c.id), '[]')
    ELSE '[]' END
)::text
FROM cases c WHERE c.organization_id = %(organization_id)s AND c.id = %(case_id)s
"""
)


class KnownRequest(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A product of the case. `statuses` are those of its requests, the latest last."""

    product_id: UUID
    statuses: list[RequestStatus]


class SealedRow(msgspec.Struct, frozen=True, kw_only=True):
    """`sealed` in hex."""

    id: UUID
    sealed: str


class KnownDecider(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    first_name: str
    last_name: str
    title_suffix: str | None
    npi: str | None


class KnownDecision(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`start_date` and `end_date` are the first and the last day on which it holds."""

    id: UUID
    product_id: UUID
    is_approved: bool
    is_no_decision: bool
    start_date: date | None
    end_date: date | None
    created_at: datetime
    decider: KnownDecider
    medications: list[SealedRow]


class EarlierOrder(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`has_failed` of one that ended: the pharmacy says that it is on its way all the same."""

    id: UUID
    status: OrderStatus
    has_failed: bool
    replaces_order_id: UUID | None
    created_at: datetime
    items: list[SealedRow]


class CaseRecord(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What was asked for, decided and ordered in a case, the oldest first. `products` are those of drugs, by the drug's code."""

    requests: list[KnownRequest]
    decisions: list[KnownDecision]
    products: dict[str, UUID] | None
    orders: list[EarlierOrder]


async def find_known(
    conn: Connection, organization_id: UUID, case_id: UUID, named: Named
) -> tuple[OrderContext, CaseRecord] | None:
    """None when the organization has no such case. One round trip: both are asked before either answer is waited for."""
    values = {"organization_id": organization_id, "case_id": case_id, **msgspec.structs.asdict(named)}
    asked = await conn.execute(CONTEXT, values), await conn.execute(_RECORD, values)
    context, record = await asked[0].fetchone(), await asked[1].fetchone()
    if context is None or record is None:
        return None
    return msgspec.json.decode(context[0], type=OrderContext), msgspec.json.decode(record[0], type=CaseRecord)
