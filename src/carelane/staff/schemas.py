"""People as the care dialect shows them."""

from uuid import UUID

import msgspec

from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi
from carelane.permissions import BILLING_WRITE, OF_ROLE, Role


class BasicUserOut(Phi, msgspec.Struct, rename="camel", frozen=True):
    """The dialect's "Basic User": staff or a patient, by name."""

    id: UUID
    first_name: str
    last_name: str


def creator_problems(role: Role) -> list[FieldProblem]:
    """Whether a member of this role may stand as the creator of a cart or a quote."""
    if BILLING_WRITE in OF_ROLE[role]:
        return []
    roles = ", ".join(name for name, permissions in OF_ROLE.items() if BILLING_WRITE in permissions)
    return [FieldProblem("creatorId", f"expected a member of staff who is one of {roles}")]
