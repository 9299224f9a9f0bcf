"""The door to a case that may be written into."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from uuid import UUID

import msgspec

from carelane.cases.errors import CaseClosedError, CaseNotFoundError
from carelane.cases.queries import LockedCase, lock_case
from carelane.kit.auth import Actor
from carelane.kit.db import Connection

CloseAct: TypeAlias = Callable[[Connection, Actor, UUID], Awaitable[None]]


class OnClosed(msgspec.Struct, frozen=True):
    """What else ends with a case, of nouns that a case knows nothing of: done in the transaction that closes it."""

    act: CloseAct


async def lock_open_case(conn: Connection, organization_id: UUID, case_id: UUID) -> LockedCase:
    """Raises CaseNotFoundError, and CaseClosedError when the case is archived."""
    case = await lock_case(conn, organization_id, case_id)
    if case is None:
        raise CaseNotFoundError
    if case.is_archived:
        raise CaseClosedError("the case is archived; reopen it first")
    return case
