"""The doors to a patient who pays, and to a card that is kept."""

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, InvalidRequestError, RecordNotFoundError
from carelane.kit.ids import parse_uuid, record_id
from carelane.payments.saved import queries
from carelane.payments.saved.queries import MethodRow, Person


async def get_person(conn: Connection, actor: Actor, ref: str | None) -> Person:
    """Raises InvalidRequestError when nobody is named, and RecordNotFoundError."""
    if ref is None or not ref.strip():
        raise InvalidRequestError(problems=[FieldProblem("patient_id", "patient_id is required", "query")])
    found = await queries.find_person(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if found is None:
        raise RecordNotFoundError(f"no patient {ref} here")
    return found


async def lock_method(conn: Connection, actor: Actor, ref: str, *, changes: bool = False) -> MethodRow:
    """Raises RecordNotFoundError, of one that was archived too."""
    method_id = parse_uuid(ref)
    found = await queries.lock_method(conn, actor.organization_id, method_id, changes=changes) if method_id else None
    if found is None:
        raise RecordNotFoundError(f"no payment method {ref} here")
    return found
