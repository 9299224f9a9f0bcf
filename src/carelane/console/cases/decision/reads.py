"""What the decision's part of a case's page loads."""

from collections.abc import Mapping

from carelane.case_detail.chart.reads import CasePage
from carelane.cases.review.grace.reads import get_held_decision
from carelane.console.cases.decision.views import Decision
from carelane.kit.auth import Actor
from carelane.permissions import CASES_DECIDE, CASES_READ, CASES_WORK, requires
from carelane.services import Services
from carelane.templates.reads import list_templates

# In each list to choose from: one's own first. The page of templates has all of them.
MOST_TEMPLATES = 100


@requires(CASES_READ)
async def decision_slot(services: Services, actor: Actor, page: CasePage) -> Mapping[str, object]:
    """Templates for whoever writes here; the last decision that was held back, if the timeline knows of one."""
    may_decide = actor.may(CASES_DECIDE) and "decide" in page.why.possible_acts
    may_write = actor.may(CASES_WORK) and "comment" in page.why.possible_acts
    known = (await list_templates(services, actor, None, None, None)).templates if may_write else []
    products = {request.product_id for request in page.summary.requests}
    was_held = any(event.type.startswith("DECISION_") for event in page.timeline)
    last = await get_held_decision(services, actor, str(page.case.id)) if was_held and may_decide else None
    fitting = [one for one in known if one.product_id is None or one.product_id in products]
    kinds = {kind: [one for one in fitting if one.kind == kind][:MOST_TEMPLATES] for kind in ("DECISION", "REPLY")}
    return {
        "decision": Decision(page=page, actor=actor, templates=kinds["DECISION"], last=last),
        "reply_templates": kinds["REPLY"],
    }
