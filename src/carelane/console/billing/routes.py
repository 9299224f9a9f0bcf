"""`/console/billing`: what of the clinic's money needs somebody"""

from typing import Any

from litestar import Response
from litestar.di import NamedDependency

from carelane.charges.desk import reads as charges
from carelane.console.billing.views import PATH, frame_of
from carelane.console.filters import require_known
from carelane.console.frame import page
from carelane.console.wording import capped
from carelane.kit.languages import _
from carelane.payments.books import reads as books
from carelane.payments.desk.reads import count_failed
from carelane.payments.disputes.reads import count_open
from carelane.payments.refunds.reads import count_granted
from carelane.permissions import BILLING_READ
from carelane.services import Services
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()


@routes.get(PATH)
async def get_billing(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """The numbers, each of which leads to its list."""
    require_known(request, ())
    actor = request.auth
    granted, disputed = await count_granted(services, actor), await count_open(services, actor)
    failed = await count_failed(services, actor)
    different = await books.count_differences(services, actor)
    numbers: list[tuple[str, str, str, str, str | None]] = []
    if actor.may(BILLING_READ):
        owed = await charges.count_outstanding(services, actor)
        under = _("charges of which something is owed")
        numbers.append((_("Outstanding"), f"{PATH}/charges?status=OUTSTANDING", capped(owed), under, None))
    numbers += [
        (
            _("Refunds to send"),
            f"{PATH}/refunds?status=GRANTED",
            capped(granted),
            _("granted, not sent"),
            warn(granted),
        ),
        (_("Failed payments"), "/console/failing", capped(failed), _("wait for a card or for you"), warn(failed)),
        (_("Disputes"), f"{PATH}/disputes?status=OPEN", capped(disputed), _("open"), problem(disputed)),
        (_("Differences"), f"{PATH}/books", capped(different), _("with the gateway's list"), problem(different)),
    ]
    values = frame_of(actor, "") | {"numbers": numbers}
    return await page(request, services, "billing/billing.html", values, here="billing")


def warn(count: int) -> str | None:
    return "warn" if count else None


def problem(count: int) -> str | None:
    return "problem" if count else None
