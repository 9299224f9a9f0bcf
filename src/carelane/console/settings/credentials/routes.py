"""`/console/settings/keys` and the forms on it."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.clinic.credentials.actions import (
    change_credential,
    create_credential,
    revoke_credential,
    rotate_credential,
)
from carelane.clinic.credentials.reads import get_credential, list_credentials
from carelane.clinic.credentials.schemas import CredentialIn, CredentialPatch, CredentialSecretOut
from carelane.console.forms import REFUSALS, Filled, Form, require_typed
from carelane.console.frame import page, with_query
from carelane.console.meanwhile import on_page
from carelane.console.settings.credentials import views
from carelane.console.settings.views import PATH, tabs
from carelane.kit.languages import N_
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

KEYS_PATH = f"{PATH}/keys"
CredentialId = Annotated[str, PathParameter(description="UUID of the key or client")]
NOTES = {
    "changed": N_("The key is changed."),
    "revoked": N_("The key is revoked. Nobody can use it any more."),
}


@routes.get(KEYS_PATH)
async def get_keys(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """All of them."""
    return await _list(request, services, Filled.of(kind="key"))


@routes.post(f"{KEYS_PATH}/make")
async def make_key(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """Shows its secret, this once."""
    try:
        body = form.read(CredentialIn, scopes=form.all("scopes"))
        made = await create_credential(services, request.auth, body, form.key(request))
    except REFUSALS as error:
        return await _list(request, services, form.refused(error))
    return await _secret(request, services, made)


@routes.get(KEYS_PATH + "/{credential_id:str}")
async def get_key(
    request: ActorRequest, services: NamedDependency[Services], credential_id: CredentialId
) -> Response[Any]:
    """One, and what can be done with it."""
    return await _show(request, services, credential_id, None)


@routes.post(KEYS_PATH + "/{credential_id:str}/change")
async def change_key(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], credential_id: CredentialId
) -> Response[Any]:
    """Its name and what it may do."""
    try:
        body = form.read(CredentialPatch, scopes=form.all("scopes"))
        await change_credential(services, request.auth, credential_id, body, form.key(request))
    except REFUSALS as error:
        return await _show(request, services, credential_id, form.refused(error))
    return see_other(with_query(f"{KEYS_PATH}/{credential_id}", done="changed"))


@routes.post(KEYS_PATH + "/{credential_id:str}/rotate")
async def rotate_key(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], credential_id: CredentialId
) -> Response[Any]:
    """Shows the new secret, this once. The name is typed first: the old one stops at once."""
    try:
        require_typed(form, "rotateName", (await get_credential(services, request.auth, credential_id)).name)
        made = await rotate_credential(services, request.auth, credential_id, form.key(request))
    except REFUSALS as error:
        return await _show(request, services, credential_id, form.refused(error))
    return await _secret(request, services, made)


@routes.post(KEYS_PATH + "/{credential_id:str}/revoke")
async def revoke_key(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], credential_id: CredentialId
) -> Response[Any]:
    """For good. The name is typed first."""
    try:
        require_typed(form, "revokeName", (await get_credential(services, request.auth, credential_id)).name)
        await revoke_credential(services, request.auth, credential_id, form.key(request))
    except REFUSALS as error:
        return await _show(request, services, credential_id, form.refused(error))
    return see_other(with_query(KEYS_PATH, done="revoked"))


async def _list(request: ActorRequest, services: Services, form: Filled) -> Response[Any]:
    listed = (await list_credentials(services, request.auth)).credentials
    values = {
        "tabs": tabs("/keys"),
        "good": [one for one in listed if one.revoked_at is None],
        "revoked": [one for one in listed if one.revoked_at is not None],
        "kinds": views.kinds(),
        "scopes": views.scopes(),
    }
    return await page(request, services, "settings/keys.html", values, here="settings", form=form, notes=NOTES)


async def _show(request: ActorRequest, services: Services, credential_id: str, form: Filled | None) -> Response[Any]:
    one = await get_credential(services, request.auth, credential_id)
    shown, changes = on_page(form, views.filled(one), views.LABELS)
    values = {"tabs": tabs("/keys"), "one": one, "scopes": views.scopes(), "changes": changes}
    return await page(request, services, "settings/key.html", values, here="settings", form=shown, notes=NOTES)


async def _secret(request: ActorRequest, services: Services, made: CredentialSecretOut) -> Response[Any]:
    values = {"tabs": tabs("/keys"), "made": made}
    return await page(request, services, "settings/secret.html", values, here="settings")
