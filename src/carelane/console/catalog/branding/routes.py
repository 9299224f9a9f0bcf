"""`/console/catalog/branding`"""

from pathlib import Path
from typing import Any

from litestar import Response
from litestar.di import NamedDependency

from carelane.catalog.desk.reads import get_parts
from carelane.console.catalog.branding import views
from carelane.console.catalog.views import BRANDING, NOTES, fields_of, ids_in, sections
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.console.meanwhile import differences, shown_again
from carelane.kit.languages import _
from carelane.messages.templates.reads import preview_own_words
from carelane.organizations.branding.desk.actions import change_branding
from carelane.organizations.branding.desk.reads import get_branding
from carelane.organizations.branding.desk.schemas import BrandingIn, BrandingOut
from carelane.organizations.logos.actions import remove_logo, set_logo
from carelane.organizations.logos.schemas import LogoIn, read_use
from carelane.quotes.page.access import base_path
from carelane.quotes.page.routes import PAGES as QUOTE_PAGES
from carelane.quotes.sending.views import values_of
from carelane.services import Services
from carelane.web.html.pages import PATIENT_STYLES, Pages, see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.html.security import PAGE_HEADERS
from carelane.web.routes import ActorRequest, base_url

routes = PageRoutes()

_MAILS = Pages(Path(__file__).parents[2] / "templates" / "catalog", PATIENT_STYLES)


@routes.get(BRANDING.path)
async def get_page(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """As it stands."""
    found = await get_branding(services, request.auth)
    return await _show(request, services, found, fields_of(found))


@routes.post(f"{BRANDING.path}/change")
async def change(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """What the page shows; the rest stays."""
    found = await get_branding(services, request.auth)
    try:
        body = form.read(BrandingIn, **views.kept(found))
        await change_branding(services, request.auth, body, form.key(request))
    except REFUSALS as error:
        return await _show(request, services, found, shown_again(form, error, fields_of(found), views.NAMES))
    return see_other(with_query(BRANDING.path, done="changed"))


@routes.post(f"{BRANDING.path}/set-logo")
async def upload(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """In place of the one there was."""
    file = form.file("file")
    try:
        body = LogoIn(file=file.content if file else b"")
        await set_logo(services, request.auth, read_use(form.get("usedOn")), body, form.key(request))
    except REFUSALS as error:
        found = await get_branding(services, request.auth)
        return await _show(request, services, found, views.with_problems(fields_of(found), form.refused(error)))
    return see_other(with_query(BRANDING.path, done="logo"))


@routes.post(f"{BRANDING.path}/remove-logo")
async def remove(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """There is none afterwards."""
    await remove_logo(services, request.auth, read_use(form.get("usedOn")), form.key(request))
    return see_other(with_query(BRANDING.path, done="no-logo"))


@routes.post(f"{BRANDING.path}/quote-preview")
async def preview_quote(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """The page of a quote as patients get it, with what is typed and of nobody. Nothing is saved."""
    found = await get_branding(services, request.auth)
    return QUOTE_PAGES.render(base_path(services.settings.public_url), views.sample_quote(form, found))


@routes.post(f"{BRANDING.path}/mail-preview")
async def preview_mail(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """The mail with a quote as it would leave now, with the name that is typed. Nothing is sent."""
    offer, base = views.sample_offer(form), base_url(request, services)
    mail = await preview_own_words(services, request.auth, "QUOTE", values_of(offer), views.NOBODY, base)
    if mail.html:
        headers = PAGE_HEADERS | {"Content-Security-Policy": views.mail_policy(base)}
        return Response(mail.html, media_type="text/html", headers=headers)
    return _MAILS.render(base_path(services.settings.public_url), views.plain_mail(mail))


async def _show(request: ActorRequest, services: Services, found: BrandingOut, form: Filled) -> Response[Any]:
    stands = fields_of(found)
    chosen = ids_in((form, stands), "formId", "defaultBundleId")
    parts = await get_parts(services, request.auth, chosen)
    values = {
        "kind": BRANDING,
        "sections": sections(request.auth, BRANDING),
        "changes": differences(form, stands, views.NAMES, parts),
        "logos": views.logos(found),
        "uses": [(use, _(name)) for use, name in views.USES.items()],
        "forms": views.choices(parts.forms, form.get("formId")),
        "bundles": views.choices(parts.bundles, form.get("defaultBundleId")),
    }
    return await page(
        request, services, "catalog/branding.html", values, here="catalog", form=form, notes=NOTES | views.LOGO_NOTES
    )
