"""One delivery, and sending again: one, those of a time, or a test."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.console.forms import Filled, Form
from carelane.console.frame import page, with_query
from carelane.console.settings.views import tabs
from carelane.console.settings.webhooks import views
from carelane.console.settings.webhooks.routes import NOTES, TOLD, WEBHOOKS_PATH, EndpointId, show_webhook
from carelane.console.times import instant_of
from carelane.kit.languages import ngettext
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest
from carelane.webhooks.endpoints.actions import replay_delivery, replay_range, send_test
from carelane.webhooks.endpoints.reads import get_contents, get_delivery, get_endpoint
from carelane.webhooks.endpoints.schemas import ContentsOut, ReplayRangeIn

routes = PageRoutes()

DeliveryId = Annotated[str, PathParameter(description="UUID of the delivery")]
_ONE = f"{WEBHOOKS_PATH}/deliveries/{{delivery_id:str}}"


@routes.post(WEBHOOKS_PATH + "/{endpoint_id:str}/test")
async def test_webhook(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], endpoint_id: EndpointId
) -> Response[Any]:
    """Sends a test to this one alone."""
    try:
        sent = await send_test(services, request.auth, endpoint_id)
    except TOLD as error:
        return await show_webhook(request, services, endpoint_id, views.refused(form, error))
    return see_other(with_query(f"{WEBHOOKS_PATH}/deliveries/{sent.id}", done="tested"))


@routes.post(WEBHOOKS_PATH + "/{endpoint_id:str}/replay")
async def replay_time(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], endpoint_id: EndpointId
) -> Response[Any]:
    """All that was made in a time, or what of that stands so."""
    try:
        moments = {name: instant_of(form.get(name), form.get("zone")) for name in ("from", "to")}
        count = await replay_range(services, request.auth, endpoint_id, form.read(ReplayRangeIn, **moments))
    except TOLD as error:
        return await show_webhook(request, services, endpoint_id, views.refused(form, error))
    said = ngettext("%(num)d delivery is sent again.", "%(num)d deliveries are sent again.", count) % {"num": count}
    return await show_webhook(request, services, endpoint_id, Filled(general=[], fields={"told": [said]}))


@routes.get(_ONE)
async def get_one_delivery(
    request: ActorRequest, services: NamedDependency[Services], delivery_id: DeliveryId
) -> Response[Any]:
    """What was tried, and what came back."""
    return await _show(request, services, delivery_id, None)


@routes.get(f"{_ONE}/contents")
async def get_one_contents(
    request: ActorRequest, services: NamedDependency[Services], delivery_id: DeliveryId
) -> Response[Any]:
    """The same with the message and the answers, which tell of people."""
    contents = await get_contents(services, request.auth, delivery_id)
    return await _show(request, services, delivery_id, None, contents)


@routes.post(f"{_ONE}/replay")
async def replay(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], delivery_id: DeliveryId
) -> Response[Any]:
    """The same event once more."""
    try:
        again = await replay_delivery(services, request.auth, delivery_id)
    except TOLD as error:
        return await _show(request, services, delivery_id, views.refused(form, error))
    return see_other(with_query(f"{WEBHOOKS_PATH}/deliveries/{again.id}", done="again"))


async def _show(
    request: ActorRequest,
    services: Services,
    delivery_id: str,
    form: Filled | None,
    contents: ContentsOut | None = None,
) -> Response[Any]:
    found = await get_delivery(services, request.auth, delivery_id)
    endpoint = await get_endpoint(services, request.auth, str(found.delivery.endpoint_id))
    values = {
        "tabs": tabs("/webhooks"),
        "delivery": found.delivery,
        "attempts": contents.attempts if contents else found.attempts,
        "contents": contents,
        "may_read": views.may_read(request.auth),
        "endpoint": endpoint,
        "status": views.status(found.delivery.status),
        **views.message(contents),
    }
    return await page(request, services, "settings/delivery.html", values, here="settings", form=form, notes=NOTES)
