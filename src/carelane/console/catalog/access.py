"""Who may change what is in the catalog: asked before anything is looked up or read of a form."""

from carelane.console.catalog.views import Kind
from carelane.kit.auth import Actor


def require_changes(actor: Actor, kind: Kind) -> None:
    """Raises ScopeMissingError."""
    actor.require(kind.changes)
