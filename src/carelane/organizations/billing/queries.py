"""The one SQL statement about a clinic as the billing dialect shows it."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.organizations.logos.queries import PAGE_LOGO

_FIND: LiteralString = f"""
SELECT o.name, o.tenant, (SELECT l.phone_number FROM locations l
  WHERE l.organization_id = o.id AND l.archived_at IS NULL AND l.phone_number <> '' ORDER BY l.created_at, l.id LIMIT 1),
  {PAGE_LOGO}, (SELECT z.digest FROM logos z WHERE z.organization_id = o.id AND z.used_on = 'receipts')
FROM organizations o WHERE o.id = %s
"""


class Tenant(msgspec.Struct, frozen=True):
    name: str
    tenant: str
    phone_number: str | None
    # Digests.
    logo: str | None
    receipt_logo: str | None


async def get_tenant(conn: Connection, organization_id: UUID) -> Tenant:
    """Of an organization that is there: a credential is its own."""
    row = await (await conn.execute(_FIND, (organization_id,))).fetchone()
    if row is None:
        raise LookupError("the credential's organization is gone")
    return Tenant(*row)
