"""The organization and when it was changed."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.organizations.queries import Organization

_FIND: LiteralString = """
SELECT id, tenant, name, case_prefix, case_type, validation_profile, assignment_policy, notification_emails,
       currency, requests_per_minute, storefront_origins, answer_within_hours, language, updated_at
FROM organizations WHERE id = %s
"""


class DatedOrganization(Organization, frozen=True, kw_only=True):
    """With the moment of its last change, also by what is set elsewhere."""

    updated_at: datetime

    def plain(self) -> Organization:
        """Without it."""
        return msgspec.convert(self, Organization, from_attributes=True)


async def get_organization(conn: Connection, organization_id: UUID) -> DatedOrganization:
    """Of one that is there."""
    async with conn.cursor(row_factory=class_row(DatedOrganization)) as cursor:
        await cursor.execute(_FIND, (organization_id,))
        return (await cursor.fetchall())[0]
