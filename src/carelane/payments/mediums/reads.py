"""Which mediums there are."""

from uuid import UUID

from carelane.kit.db import Connection
from carelane.payments.mediums.custom.queries import find_custom
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


async def known_medium(conn: Connection, organization_id: UUID, name: str) -> bool:
    """Whether a payment that was made outside can be said to have come by it."""
    return name in EXTERNAL or await find_custom(conn, organization_id, name)


def method_of(medium: str) -> Method:
    """What of our methods an external medium is: money in the drawer, or anywhere else."""
    return "CASH" if medium == "CASH" else "EXTERNAL"
