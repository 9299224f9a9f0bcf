"""`/console/settings` and the form on it."""

from typing import Any

from litestar import Response
from litestar.di import NamedDependency

from carelane.clinic.organization.actions import change_settings
from carelane.clinic.organization.reads import get_settings
from carelane.clinic.organization.schemas import OrganizationSettingsIn
from carelane.console.forms import REFUSALS, Filled, Form, lines_of
from carelane.console.frame import page, with_query
from carelane.console.meanwhile import on_page
from carelane.console.settings.organization import views
from carelane.console.settings.views import PATH, at_their_fields, tabs
from carelane.kit.languages import N_
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

NOTES = {"changed": N_("The settings are saved.")}


@routes.get(PATH)
async def get_organization(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """As they stand."""
    return await _show(request, services, None)


@routes.post(f"{PATH}/change")
async def change_organization(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """As a whole."""
    try:
        lists = {
            "notificationEmails": lines_of(form.get("notificationEmails")),
            "storefrontOrigins": lines_of(form.get("storefrontOrigins")),
        }
        body = form.read(OrganizationSettingsIn, **lists)
        await change_settings(services, request.auth, body, form.key(request))
    except REFUSALS as error:
        return await _show(request, services, at_their_fields(form.refused(error)))
    return see_other(with_query(PATH, done="changed"))


async def _show(request: ActorRequest, services: Services, form: Filled | None) -> Response[Any]:
    settings = await get_settings(services, request.auth)
    words = views.words()
    shown, changes = on_page(form, views.filled(settings), views.LABELS, words)
    values = {
        "settings": settings,
        "tabs": tabs(""),
        "kept": views.kept(settings.retention),
        "labels": views.labels(),
        "words": words,
        "changes": changes,
    }
    return await page(request, services, "settings/organization.html", values, here="settings", form=shown, notes=NOTES)
