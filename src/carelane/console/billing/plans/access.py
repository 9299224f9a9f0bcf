"""Who may agree on plans: asked before anything is looked up or read of a form."""

from carelane.kit.auth import Actor
from carelane.permissions import BILLING_WRITE


def require_plans(actor: Actor) -> None:
    """Raises ScopeMissingError."""
    actor.require(BILLING_WRITE)
