"""Who the patient is that a request of the portal speaks for. No I/O."""

from uuid import UUID

from carelane.kit.auth import Actor


def own_id(actor: Actor) -> UUID:
    """What is theirs is found by this alone, never by an id that came with the request."""
    if actor.kind != "patient" or actor.id is None:
        raise LookupError("only a patient has a portal")
    return actor.id
