"""`/console/billing/disputes` and one of them"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.console.billing import views as common
from carelane.console.billing.disputes.views import evidence_page
from carelane.console.billing.states import DISPUTE_STATES
from carelane.console.billing.views import PAGE_SIZE, PATH, choice, days, frame_of, one_of, span_of
from carelane.console.filters import filters_of
from carelane.console.frame import page
from carelane.kit.languages import _
from carelane.payments.disputes import reads
from carelane.payments.disputes.schemas import DisputeFilter
from carelane.services import Services
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import read_place
from carelane.web.routes import ActorRequest

routes = PageRoutes()

_PATH = f"{PATH}/disputes"


@routes.get(_PATH)
async def get_disputes(
    request: ActorRequest,
    services: NamedDependency[Services],
    after: Annotated[str | None, QueryParameter(description="Where the page before ended")] = None,
) -> Response[Any]:
    """Opened last first."""
    asked = filters_of(request, "status", "from", "until")
    span, place = span_of(asked), read_place("after", after)
    status = one_of(asked, "status", DISPUTE_STATES)
    wanted = DisputeFilter(status=status, opened_from=span.begins_at, opened_until=span.ends_at, after=place)
    found = await reads.list_disputes(services, request.auth, wanted, PAGE_SIZE)
    states = {code: shown.text for code, shown in DISPUTE_STATES.items()}
    fields = [choice(asked, "status", _("State"), states, _("any state")), *days(asked)]
    back, onward = common.after(_PATH, asked, found.next, is_first=place is None)
    values = frame_of(request.auth, "disputes", fields, asked) | {
        "disputes": found.disputes,
        "states": DISPUTE_STATES,
        "back": back,
        "onward": onward,
    }
    return await page(request, services, "billing/disputes.html", values, here="billing")


@routes.get(_PATH + "/{dispute_id:str}")
async def get_dispute(
    request: ActorRequest,
    services: NamedDependency[Services],
    dispute_id: Annotated[str, PathParameter(description="UUID of the dispute")],
) -> Response[Any]:
    """What there is to answer it with, and what is missing."""
    evidence = await reads.get_evidence(services, request.auth, dispute_id)
    values = evidence_page(request.auth, evidence)
    return await page(request, services, "billing/dispute.html", values, here="billing")
