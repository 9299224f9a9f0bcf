"""`/console/settings/webhooks` and the forms on it."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.console.forms import REFUSALS, Filled, Form, require_typed
from carelane.console.frame import page, with_query
from carelane.console.meanwhile import on_page
from carelane.console.settings.views import PATH, tabs
from carelane.console.settings.webhooks import views
from carelane.console.times import zone_name
from carelane.kit.languages import N_
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest
from carelane.webhooks.endpoints.actions import (
    change_endpoint,
    create_endpoint,
    disable_endpoint,
    enable_endpoint,
    rotate_secret,
)
from carelane.webhooks.endpoints.errors import EndpointDisabledError, NameTakenError
from carelane.webhooks.endpoints.reads import get_endpoint, list_deliveries, list_endpoints
from carelane.webhooks.endpoints.schemas import (
    DeliveryQuery,
    EndpointIn,
    EndpointPatch,
    EndpointSecretOut,
    RotateSecretIn,
)

routes = PageRoutes()

WEBHOOKS_PATH = f"{PATH}/webhooks"
EndpointId = Annotated[str, PathParameter(description="UUID of the endpoint")]
TOLD = (*REFUSALS, NameTakenError, EndpointDisabledError)
NOTES = {
    "changed": N_("The webhook is changed. What is on its way goes there, too."),
    "off": N_("The webhook is switched off. What was on its way is canceled."),
    "on": N_("The webhook is on again. What was canceled can be sent again, below."),
    "tested": N_("A test is on its way. Load this page again to see what came of it."),
    "again": N_("It is sent again. Load this page again to see what came of it."),
}


@routes.get(WEBHOOKS_PATH)
async def get_webhooks(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """All of them, those that are off, too."""
    return await _list(request, services, Filled.of(documentFormat="URL", payload="FULL_CASE"))


@routes.post(f"{WEBHOOKS_PATH}/make")
async def make_webhook(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Shows its secret, this once."""
    try:
        made = await create_endpoint(services, request.auth, form.read(EndpointIn, events=form.all("events")))
    except TOLD as error:
        return await _list(request, services, views.refused(form, error))
    return await _secret(request, services, made)


@routes.get(WEBHOOKS_PATH + "/{endpoint_id:str}")
async def get_webhook(
    request: ActorRequest,
    services: NamedDependency[Services],
    endpoint_id: EndpointId,
    status: Annotated[str | None, QueryParameter(name="status", description="Of the deliveries")] = None,
    before: Annotated[str | None, QueryParameter(name="before", description="The delivery before the page's")] = None,
) -> Response[Any]:
    """One, what was sent to it, and what can be done with it."""
    return await show_webhook(request, services, endpoint_id, None, DeliveryQuery(status or None, before, None))


@routes.post(WEBHOOKS_PATH + "/{endpoint_id:str}/change")
async def change_webhook(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], endpoint_id: EndpointId
) -> Response[Any]:
    """As a whole; what a storefront's own listener is told, its storefront says."""
    endpoint = await get_endpoint(services, request.auth, endpoint_id)
    more: dict[str, object] = {"secretHeader": form.get("secretHeader").strip() or None}
    if endpoint.dialect == "CARE":
        more["events"] = form.all("events")
    if form.get("version"):
        more["updatedAt"] = form.get("version")
    try:
        await change_endpoint(services, request.auth, endpoint_id, form.read(EndpointPatch, **more))
    except TOLD as error:
        return await show_webhook(request, services, endpoint_id, views.refused(form, error))
    return see_other(with_query(f"{WEBHOOKS_PATH}/{endpoint_id}", done="changed"))


@routes.post(WEBHOOKS_PATH + "/{endpoint_id:str}/switch-off")
async def switch_off(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], endpoint_id: EndpointId
) -> Response[Any]:
    """The name is typed first: what is on its way is canceled."""
    try:
        require_typed(form, "offName", (await get_endpoint(services, request.auth, endpoint_id)).name)
        await disable_endpoint(services, request.auth, endpoint_id)
    except TOLD as error:
        return await show_webhook(request, services, endpoint_id, views.refused(form, error))
    return see_other(with_query(f"{WEBHOOKS_PATH}/{endpoint_id}", done="off"))


@routes.post(WEBHOOKS_PATH + "/{endpoint_id:str}/switch-on")
async def switch_on(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], endpoint_id: EndpointId
) -> Response[Any]:
    """Whoever switched it off."""
    try:
        await enable_endpoint(services, request.auth, endpoint_id)
    except TOLD as error:
        return await show_webhook(request, services, endpoint_id, views.refused(form, error))
    return see_other(with_query(f"{WEBHOOKS_PATH}/{endpoint_id}", done="on"))


@routes.post(WEBHOOKS_PATH + "/{endpoint_id:str}/rotate")
async def rotate(request: ActorRequest, services: NamedDependency[Services], endpoint_id: EndpointId) -> Response[Any]:
    """Shows the new secret, this once; for a day the one before is good, too."""
    return await _secret(request, services, await rotate_secret(services, request.auth, endpoint_id, RotateSecretIn()))


async def _list(request: ActorRequest, services: Services, form: Filled) -> Response[Any]:
    listed = (await list_endpoints(services, request.auth)).endpoints
    values = {
        "tabs": tabs("/webhooks"),
        "endpoints": sorted(listed, key=lambda one: one.disabled_at is not None),
        "state_of": views.state,
        **views.choices(),
    }
    return await page(request, services, "settings/webhooks.html", values, here="settings", form=form, notes=NOTES)


async def show_webhook(
    request: ActorRequest,
    services: Services,
    endpoint_id: str,
    form: Filled | None,
    query: DeliveryQuery = DeliveryQuery(None, None, None),  # noqa: B008 - frozen
) -> Response[Any]:
    """The page of one. Forms about its deliveries show it again, too."""
    endpoint = await get_endpoint(services, request.auth, endpoint_id)
    found = await list_deliveries(services, request.auth, endpoint_id, query)
    shown, changes = on_page(form, views.filled(endpoint), views.LABELS, views.words())
    values = {
        "tabs": tabs("/webhooks"),
        "one": endpoint,
        "state": views.state(endpoint),
        "found": found,
        "status": query.status,
        "zone": zone_name(),
        "statuses": [
            ("", N_("All"), None),
            *((name, text, None) for name, (_kind, _shape, text) in views.STATUSES.items()),
        ],
        "status_of": views.status,
        "changes": changes,
        **views.choices(),
    }
    return await page(request, services, "settings/webhook.html", values, here="settings", form=shown, notes=NOTES)


async def _secret(request: ActorRequest, services: Services, made: EndpointSecretOut) -> Response[Any]:
    values = {
        "tabs": tabs("/webhooks"),
        "made": {"name": made.name, "secret": made.secret, "kind": "webhook"},
        "back": f"{WEBHOOKS_PATH}/{made.id}",
    }
    return await page(request, services, "settings/secret.html", values, here="settings")
