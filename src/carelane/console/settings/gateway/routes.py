"""`/console/settings/gateway` and the forms on it: a page for each of the two accounts."""

from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.clinic.fees.reads import list_fees
from carelane.clinic.gateway.access import mode_of
from carelane.clinic.gateway.actions import change_gateway_account, change_payment_terms
from carelane.clinic.gateway.reads import get_payment_terms, list_gateway_accounts
from carelane.clinic.gateway.schemas import GatewayAccountIn, Mode, PaymentTermsIn
from carelane.console.forms import REFUSALS, Filled, Form, require_typed
from carelane.console.frame import page, with_query
from carelane.console.meanwhile import on_page
from carelane.console.settings.fees.views import told
from carelane.console.settings.gateway import views
from carelane.console.settings.views import PATH, tabs
from carelane.kit.languages import N_, _
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

GATEWAY_PATH = f"{PATH}/gateway"
NOTES = {
    "changed": N_("The account is saved. Payments that were begun end as they were begun."),
    "fees": N_("The fees are saved. Payments that came before keep theirs."),
    "terms": N_("It is saved. Payments that were begun end as they were begun."),
}


@routes.get(GATEWAY_PATH)
async def get_accounts(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """Both, and when money is taken."""
    return await _list(request, services, None)


@routes.post(f"{GATEWAY_PATH}/terms")
async def change_terms(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """As a whole; fees stay."""
    try:
        await change_payment_terms(services, request.auth, form.read(PaymentTermsIn), form.key(request))
    except REFUSALS as error:
        return await _list(request, services, form.refused(error))
    return see_other(with_query(GATEWAY_PATH, done="terms"))


async def _list(request: ActorRequest, services: Services, form: Filled | None) -> Response[Any]:
    listed = (await list_gateway_accounts(services, request.auth)).accounts
    terms = await get_payment_terms(services, request.auth)
    words = {"policy": views.policies(), "orderRequiresPayment": views.waits()}
    shown, changes = on_page(form, views.filled(terms), views.LABELS, words)
    there = {one.mode: one for one in listed}
    base = services.settings.public_url or ""
    modes: tuple[Mode, ...] = ("live", "test")
    accounts = [(mode, views.name_of(mode), views.says(there.get(mode), base)) for mode in modes]
    values = {
        "tabs": tabs("/gateway"),
        "accounts": accounts,
        "there": there,
        "terms": terms,
        "fees": told(await list_fees(services, request.auth)),
        "labels": {name: _(text) for name, text in views.LABELS.items()},
        "words": words,
        "changes": changes,
    }
    return await page(request, services, "settings/gateway.html", values, here="settings", form=shown, notes=NOTES)


@routes.get(f"{GATEWAY_PATH}/account")
async def get_account(
    request: ActorRequest,
    services: NamedDependency[Services],
    mode: Annotated[str | None, QueryParameter(name="mode", description="test or live")] = None,
) -> Response[Any]:
    """One, and a form for its keys."""
    return await _show(request, services, mode_of(mode or "live"), None)


@routes.post(f"{GATEWAY_PATH}/account/change")
async def change_account(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Keys that are left empty stay. The word for the money is typed."""
    known = mode_of(form.get("mode"))
    try:
        body = form.read(GatewayAccountIn, isActive="true" in form.all("isActive"))
        if "true" in form.all("forget"):
            body = msgspec.structs.replace(body, previous_webhook_secret=None)
        require_typed(form, "word", known, str.casefold)
        await change_gateway_account(services, request.auth, known, body, form.key(request))
    except REFUSALS as error:
        return await _show(request, services, known, form.refused(error))
    return see_other(with_query(GATEWAY_PATH, done="changed"))


async def _show(request: ActorRequest, services: Services, mode: Mode, form: Filled | None) -> Response[Any]:
    listed = (await list_gateway_accounts(services, request.auth)).accounts
    one = next((account for account in listed if account.mode == mode), None)
    typed = views.masked(form) if form else None
    shown, changes = on_page(typed, views.account_filled(one), views.ACCOUNT_LABELS, views.account_words(one))
    values = {
        "tabs": tabs("/gateway"),
        "mode": mode,
        "name": views.name_of(mode),
        "one": one,
        "said": views.says(one, services.settings.public_url or ""),
        "changes": changes,
    }
    return await page(
        request, services, "settings/gateway_account.html", values, here="settings", form=shown, notes=NOTES
    )
