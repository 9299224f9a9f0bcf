"""The door to a case that may be written into."""

from uuid import UUID

from carelane.cases.errors import CaseClosedError, CaseNotFoundError
from carelane.cases.queries import LockedCase, lock_case
from carelane.kit.db import Connection


async def lock_open_case(conn: Connection, organization_id: UUID, case_id: UUID) -> LockedCase:
    """Raises CaseNotFoundError, and CaseClosedError when the case is archived."""
    case = await lock_case(conn, organization_id, case_id)
    if case is None:
        raise CaseNotFoundError
    if case.is_archived:
        raise CaseClosedError("the case is archived; reopen it first")
    return case
