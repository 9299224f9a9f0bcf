"""Whose drafts they are, and which records one may write about: those that one may see."""

from uuid import UUID

from carelane.drafts.schemas import RecordKind
from carelane.kit.auth import Actor
from carelane.permissions import CASES_READ, ORDERS_READ

_NEEDS: dict[RecordKind, str] = {"cases": CASES_READ, "orders": ORDERS_READ, "patients": CASES_READ}


def writer_of(actor: Actor, kind: RecordKind) -> UUID:
    """The member of staff. Raises ScopeMissingError."""
    actor.require(_NEEDS[kind])
    # A session alone opens the door to drafts, and a session is somebody's.
    assert actor.id is not None
    return actor.id
