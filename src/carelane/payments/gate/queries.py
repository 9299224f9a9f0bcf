"""SQL that says whether a case still lacks the payment that its organization demands."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

# The one rule of what a case's payments must come to, for the gate and for the check that looks back (`invariants/`): they differ
# in when they look. The promises are what a gateway or a reference stands for; once all of them were canceled the largest is
# still owed. With confirmations alone, any that is paid will do. What a storefront says went back of what it never said was paid
# was of a reference, unless a gateway knows better.


def case_sums(
    case: LiteralString,
    *,
    is_there: LiteralString,
    is_paid: LiteralString,
    back: LiteralString,
    beside: LiteralString = "",
) -> LiteralString:
    """What was promised and paid of a case; `y` is one of its payments, `back` what of it had gone back; `beside` is joined to it."""
    return f"""
    SELECT bool_or(y.method = 'GATEWAY') AS has_gateway,
      coalesce(sum(y.amount_cents) FILTER (WHERE y.method = 'EXTERNAL' AND y.captured_cents = 0
        AND y.status IN ('REFUND', 'IN_DISPUTE', 'LOST_DISPUTE')), 0) AS gone,
      sum(y.amount_cents) FILTER (WHERE y.method IN ('GATEWAY', 'REFERENCE') AND y.status <> 'CANCELED') AS promised,
      max(y.amount_cents) FILTER (WHERE y.method IN ('GATEWAY', 'REFERENCE')) AS largest, max(y.amount_cents) AS told,
      coalesce(sum(CASE WHEN y.method IN ('GATEWAY', 'REFERENCE') THEN y.amount_cents ELSE y.amount_cents - {back} END)
        FILTER (WHERE {is_paid}), 0) AS paid
    FROM payments y {beside}
    WHERE {case} AND y.deleted_at IS NULL AND y.amount_cents > 0 AND {is_there}"""


# Of such sums `s`.
PAID: LiteralString = "(s.paid - CASE WHEN s.has_gateway THEN 0 ELSE s.gone END)"
OWED: LiteralString = "coalesce(s.promised, s.largest, CASE WHEN s.paid > 0 THEN 0 ELSE s.told END)"

_NOW: LiteralString = case_sums(
    "y.organization_id = c.organization_id AND y.case_id = c.id",
    is_there="true",
    is_paid="y.status = 'PAID'",
    back="y.refunded_cents",
)

# Null, or a PaymentWait as JSON; `c` is the case. Where the organization says nothing, it is demanded as soon as there is a gateway.
PAYMENT_WAIT: LiteralString = f"""
CASE WHEN (
  SELECT coalesce(z.order_requires_payment, z.payment_policy <> 'unverified' AND EXISTS (
    SELECT FROM gateway_accounts a WHERE a.organization_id = z.id AND a.is_active AND a.is_test = c.is_test))
  FROM organizations z WHERE z.id = c.organization_id)
THEN (
  SELECT json_build_object('id', u.id, 'status', u.status, 'stage', u.stage, 'failure', u.failure, 'since', u.updated_at)
  FROM ({_NOW}) s,
  LATERAL (
    SELECT y.* FROM payments y
    WHERE y.organization_id = c.organization_id AND y.case_id = c.id AND y.deleted_at IS NULL AND y.amount_cents > 0
    ORDER BY y.status = 'PAID', y.status = 'CANCELED', y.method NOT IN ('GATEWAY', 'REFERENCE'), y.created_at DESC, y.id DESC
    LIMIT 1) u
  WHERE {PAID} < {OWED})
END
"""

# When the first hold on money for the case `c` must have been taken; null when none is held.
HOLD_ENDS_AT: LiteralString = """
(SELECT min(i.hold_ends_at) FROM payments y
 JOIN payment_intents i ON i.organization_id = y.organization_id AND i.payment_id = y.id
 WHERE y.organization_id = c.organization_id AND y.case_id = c.id AND i.status = 'requires_capture')
"""


class PaymentWait(msgspec.Struct, frozen=True, kw_only=True):
    """The payment that is missing. `since`: when it last moved."""

    id: UUID
    status: str
    stage: str
    failure: str | None
    since: datetime
