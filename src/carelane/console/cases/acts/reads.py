"""What the forms of these acts need."""

from collections.abc import Mapping

from carelane.case_detail.chart.reads import CasePage
from carelane.cases.review.queue.choices.reads import list_choices
from carelane.kit.auth import Actor
from carelane.permissions import CASES_READ, CASES_WORK, requires
from carelane.services import Services


@requires(CASES_READ)
async def acts_slot(services: Services, actor: Actor, page: CasePage) -> Mapping[str, object]:
    """Whom the case can be given to, for whoever may give it."""
    if not actor.may(CASES_WORK) or "assign" not in page.why.possible_acts:
        return {"clinicians": []}
    holder = page.summary.assigned_to
    found = (await list_choices(services, actor)).clinicians
    return {"clinicians": [(one.id, one.name) for one in found if holder is None or one.id != holder.id]}
