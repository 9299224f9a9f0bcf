"""The one door to a template: the clinic's, or one's own."""

from uuid import UUID

from carelane.kit.auth import Actor
from carelane.kit.ids import parse_uuid
from carelane.permissions import TEMPLATES_MANAGE
from carelane.templates.errors import TemplateNotFoundError
from carelane.templates.schemas import Scope


def id_of(ref: str) -> UUID:
    """Whatever is not an id names no template."""
    template_id = parse_uuid(ref)
    if template_id is None:
        raise TemplateNotFoundError
    return template_id


def owner_of(actor: Actor, scope: Scope) -> UUID | None:
    """Whose a template of this scope is. Raises ScopeMissingError for the clinic's, unless the actor manages those."""
    if scope == "CLINIC":
        actor.require(TEMPLATES_MANAGE)
        return None
    return actor.id
