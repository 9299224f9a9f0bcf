"""Products and clinicians by name."""

from carelane.cases.review.queue.choices import queries
from carelane.cases.review.queue.choices.queries import Choices
from carelane.kit.auth import Actor
from carelane.permissions import CASES_READ, requires
from carelane.services import Services


@requires(CASES_READ)
async def list_choices(services: Services, actor: Actor) -> Choices:
    """The products and clinicians that the queue can be filtered for."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.list_choices(conn, actor.organization_id)
