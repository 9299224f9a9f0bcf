"""`/console/settings/pharmacies` and the forms on it."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.clinic.pharmacies.actions import change_pharmacy, create_pharmacy, rotate_pharmacy
from carelane.clinic.pharmacies.reads import get_pharmacy, list_pharmacies
from carelane.clinic.pharmacies.schemas import PharmacySecretOut, PharmacySettingsIn
from carelane.console.forms import REFUSALS, Filled, Form, require_typed
from carelane.console.frame import page, with_query
from carelane.console.meanwhile import on_page
from carelane.console.settings.pharmacies import views
from carelane.console.settings.views import PATH, tabs
from carelane.kit.languages import N_
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

PHARMACIES_PATH = f"{PATH}/pharmacies"
PharmacyId = Annotated[str, PathParameter(description="UUID of the pharmacy")]
NOTES = {
    "made": N_("The pharmacy is there. Orders can be placed with it."),
    "changed": N_("The pharmacy is changed. What is on its way goes there, too."),
}


@routes.get(PHARMACIES_PATH)
async def get_list(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """All of them, those that are off, too."""
    return await _list(request, services, Filled.of(adapter="http"))


@routes.post(f"{PHARMACIES_PATH}/make")
async def make(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Shows its secret, this once."""
    try:
        made = await create_pharmacy(services, request.auth, form.read(PharmacySettingsIn), form.key(request))
    except REFUSALS as error:
        return await _list(request, services, form.refused(error))
    if made.secret is None:
        return see_other(with_query(f"{PHARMACIES_PATH}/{made.id}", done="made"))
    return await _secret(request, services, made)


@routes.get(PHARMACIES_PATH + "/{pharmacy_id:str}")
async def get_one(request: ActorRequest, services: NamedDependency[Services], pharmacy_id: PharmacyId) -> Response[Any]:
    """One, and what can be done with it."""
    return await _show(request, services, pharmacy_id, None)


@routes.post(PHARMACIES_PATH + "/{pharmacy_id:str}/change")
async def change(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], pharmacy_id: PharmacyId
) -> Response[Any]:
    """As a whole. Shows the secret of what was a simulator, this once."""
    try:
        body = form.read(PharmacySettingsIn, isActive="true" in form.all("isActive"))
        changed = await change_pharmacy(services, request.auth, pharmacy_id, body, form.key(request))
    except REFUSALS as error:
        return await _show(request, services, pharmacy_id, form.refused(error))
    if changed.secret is not None:
        return await _secret(request, services, changed)
    return see_other(with_query(f"{PHARMACIES_PATH}/{pharmacy_id}", done="changed"))


@routes.post(PHARMACIES_PATH + "/{pharmacy_id:str}/rotate")
async def rotate(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], pharmacy_id: PharmacyId
) -> Response[Any]:
    """Shows the new secret, this once. The code is typed first: callbacks with the old one are refused."""
    try:
        require_typed(form, "rotateCode", (await get_pharmacy(services, request.auth, pharmacy_id)).code)
        made = await rotate_pharmacy(services, request.auth, pharmacy_id, form.key(request))
    except REFUSALS as error:
        return await _show(request, services, pharmacy_id, form.refused(error))
    return await _secret(request, services, made)


async def _list(request: ActorRequest, services: Services, form: Filled) -> Response[Any]:
    listed = (await list_pharmacies(services, request.auth)).pharmacies
    values = {"tabs": tabs("/pharmacies"), "pharmacies": listed, "adapters": views.adapters()}
    return await page(request, services, "settings/pharmacies.html", values, here="settings", form=form, notes=NOTES)


async def _show(request: ActorRequest, services: Services, pharmacy_id: str, form: Filled | None) -> Response[Any]:
    one = await get_pharmacy(services, request.auth, pharmacy_id)
    adapters = views.adapters()
    shown, changes = on_page(form, views.filled(one), views.LABELS, {"adapter": adapters})
    values = {
        "tabs": tabs("/pharmacies"),
        "one": one,
        "adapters": adapters,
        "changes": changes,
        "base": services.settings.public_url or "",
    }
    return await page(request, services, "settings/pharmacy.html", values, here="settings", form=shown, notes=NOTES)


async def _secret(request: ActorRequest, services: Services, made: PharmacySecretOut) -> Response[Any]:
    values = {
        "tabs": tabs("/pharmacies"),
        "made": {"name": made.name, "secret": made.secret, "kind": "pharmacy"},
        "back": f"{PHARMACIES_PATH}/{made.id}",
    }
    return await page(request, services, "settings/secret.html", values, here="settings")
