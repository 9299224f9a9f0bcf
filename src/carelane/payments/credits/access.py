"""The doors to a patient whose credit it is, and to a credit of that patient."""

from collections.abc import Callable
from uuid import UUID

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.payments.credits import queries
from carelane.payments.spending.queries import CreditRow, lock_credits
from carelane.permissions import PAYMENTS_WRITE

# What whoever acts has seen of the credit, or typed: raises unless it is so.
Check = Callable[[CreditRow], None]


def require_money(actor: Actor) -> None:
    """Giving credit and taking it back moves what patients owe: a member of staff needs what adjusting a charge needs.

    Raises ScopeMissingError.
    """
    if actor.kind == "staff":
        actor.require(PAYMENTS_WRITE)


async def get_patient(conn: Connection, actor: Actor, ref: str, *, may_be_archived: bool = True) -> UUID:
    """The patient, or the one that it was merged into. Raises RecordNotFoundError, ConflictError."""
    patient = await queries.find_patient(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if patient is None:
        raise RecordNotFoundError(f"no patient {ref} here")
    if patient.is_archived and not may_be_archived:
        raise ConflictError(f"the patient {ref} is archived; expected one that is not")
    return patient.id


async def lock_credit(conn: Connection, actor: Actor, patient_ref: str, ref: str) -> CreditRow:
    """Raises RecordNotFoundError, also of another patient's and of one that was deleted."""
    patient_id = await get_patient(conn, actor, patient_ref)
    found = await lock_credits(conn, actor.organization_id, [record_id(actor.organization_id, ref)])
    if not found or found[0].patient_id != patient_id:
        raise RecordNotFoundError(f"no credit {ref} of patient {patient_ref} here")
    return found[0]
