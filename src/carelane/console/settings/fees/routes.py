"""`/console/settings/gateway/fees` and the form on it."""

from typing import Any

from litestar import Response
from litestar.di import NamedDependency

from carelane.clinic.fees.actions import change_fees
from carelane.clinic.fees.reads import list_fees
from carelane.clinic.fees.schemas import PaymentFeesIn
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.console.meanwhile import on_page
from carelane.console.settings.fees import views
from carelane.console.settings.views import PATH, tabs
from carelane.kit.formatting import sign_of
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

GATEWAY_PATH = f"{PATH}/gateway"


@routes.get(f"{GATEWAY_PATH}/fees")
async def get_fees(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """All of them, each on a line."""
    return await _show(request, services, None)


@routes.post(f"{GATEWAY_PATH}/fees/change")
async def save_fees(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """As a whole: a line that is empty is no fee."""
    form = views.typed(form, (await list_fees(services, request.auth)).currency)
    try:
        await change_fees(services, request.auth, form.read(PaymentFeesIn, **_none(form)), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, views.at_their_fields(form.refused(error)))
    return see_other(with_query(GATEWAY_PATH, done="fees"))


def _none(form: Form) -> dict[str, object]:
    """All lines were emptied: that is a list, too."""
    return {} if any(name.startswith("fees[") for name in form.fields) else {"fees": []}


async def _show(request: ActorRequest, services: Services, form: Filled | None) -> Response[Any]:
    fees = await list_fees(services, request.auth)
    shown, changes = on_page(form, views.filled(fees), views.LABELS)
    values = {
        "tabs": tabs("/gateway"),
        "places": views.places(shown),
        "kinds": views.kinds(),
        "sign": sign_of(fees.currency),
        "changes": changes,
    }
    return await page(request, services, "settings/fees.html", values, here="settings", form=shown)
