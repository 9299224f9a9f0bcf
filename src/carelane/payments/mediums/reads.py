"""Which mediums there are."""

from uuid import UUID

from carelane.kit.db import Connection
from carelane.payments.mediums.custom.queries import lock_custom
from carelane.payments.mediums.custom.schemas import key_of
from carelane.payments.states import Method

# The dialect's words for how a payment came.
BUILT_IN = (
    "POS",
    "VIRTUAL_TERMINAL",
    "PAYMENT_LINK",
    "PAYMENT_PLAN",
    "SUBSCRIPTION",
    "SAVED_PAYMENT_METHOD",
    "MEMBERSHIP",
    "EMBEDDED_TERMINAL",
    "CASH",
    "CHECK",
    "CARE_CREDIT",
    "PATIENT_CREDIT",
)
# Of those, what no gateway of ours took and no credit paid.
EXTERNAL = ("CASH", "CHECK", "CARE_CREDIT")


async def lock_medium(conn: Connection, organization_id: UUID, name: str) -> str | None:
    """By which a payment that was made outside can be said to have come: its name as it is written. None: there is none such."""
    return name if name in EXTERNAL else await lock_custom(conn, organization_id, key_of(name))


def method_of(medium: str) -> Method:
    """What of our methods an external medium is: money in the drawer, or anywhere else."""
    return "CASH" if medium == "CASH" else "EXTERNAL"
