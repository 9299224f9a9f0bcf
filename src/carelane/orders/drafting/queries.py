"""SQL about what an order could name: pharmacies that take orders, the drugs of a case's products, and what its patient got before."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.orders.drafting.schemas import DrugChoiceOut, PharmacyChoiceOut

MOST = 500
# Of the patient's earlier orders, the newest.
_MOST_EARLIER = 10

# The pharmacy that the clinic's last order went to comes first.
_CHOICES: LiteralString = """
SELECT json_build_object('pharmacies', coalesce((
    SELECT json_agg(json_build_object('code', f.code, 'name', f.name) ORDER BY f.place) FROM (
      SELECT p.code, p.name, row_number() OVER (ORDER BY p.id IS DISTINCT FROM (
        SELECT o.pharmacy_id FROM orders o WHERE o.organization_id = c.organization_id AND o.case_id = c.id
        ORDER BY o.created_at DESC LIMIT 1), p.name, p.id) AS place
      FROM pharmacies p WHERE p.organization_id = c.organization_id AND p.is_active LIMIT %(most)s) f), '[]'),
  'drugs', coalesce((
    SELECT json_agg(json_build_object('code', d.code, 'name', d.name, 'productId', d.product_id) ORDER BY d.name, d.code)
    FROM (SELECT * FROM drugs a WHERE a.organization_id = c.organization_id AND a.is_active AND a.product_id = ANY(ARRAY(
        SELECT k.product_id FROM case_products k WHERE k.organization_id = c.organization_id AND k.case_id = c.id))
      ORDER BY a.name, a.code LIMIT %(most)s) d), '[]'),
  'earlier', coalesce((
    SELECT json_agg(json_build_object('id', n.id, 'caseId', n.case_id, 'placedAt', n.created_at, 'sealed', encode(n.sealed, 'hex'))
                    ORDER BY n.created_at DESC, n.id DESC)
    FROM (SELECT o.* FROM cases e JOIN orders o ON o.organization_id = e.organization_id AND o.case_id = e.id
      WHERE e.organization_id = c.organization_id AND e.patient_id = c.patient_id AND o.is_test = c.is_test
        AND o.sealed IS NOT NULL AND o.status NOT IN ('CANCELED', 'REJECTED')
      ORDER BY o.created_at DESC, o.id DESC LIMIT %(most_earlier)s) n), '[]'))::text
FROM cases c WHERE c.organization_id = %(organization_id)s AND c.id = %(case_id)s
"""


class EarlierOrder(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What the patient got once. `sealed` in hex."""

    id: UUID
    case_id: UUID
    placed_at: datetime
    sealed: str


class Choices(msgspec.Struct, frozen=True):
    """`earlier`: newest first."""

    pharmacies: list[PharmacyChoiceOut]
    drugs: list[DrugChoiceOut]
    earlier: list[EarlierOrder]


async def find_choices(conn: Connection, organization_id: UUID, case_id: UUID) -> Choices | None:
    values = {"organization_id": organization_id, "case_id": case_id, "most": MOST, "most_earlier": _MOST_EARLIER}
    row = await (await conn.execute(_CHOICES, values)).fetchone()
    return msgspec.json.decode(row[0], type=Choices) if row else None
