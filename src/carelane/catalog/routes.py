"""GET /api/v1/organization/bundles and one bundle with its forms (seed 003)."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.catalog import queries
from carelane.catalog.errors import BundleNotFoundError
from carelane.catalog.queries import Bundle
from carelane.catalog.schemas import BundleAnswerOut, BundleDetailOut, BundleListOut, BundleOut
from carelane.forms.queries import list_forms
from carelane.kit.ids import parse_uuid
from carelane.kit.money import decimal_string
from carelane.permissions import CATALOG_READ
from carelane.services import Services
from carelane.web.routes import ActorRequest
from carelane.web.wire import boolean_string

_BOOLEAN = "`true` or `false`"


@get("/organization/bundles", operation_id="listBundles", summary="List bundles", tags=["Bundles"])
async def list_bundles(
    request: ActorRequest,
    services: NamedDependency[Services],
    is_visible: Annotated[
        str | None, QueryParameter(name="isVisible", description=f"{_BOOLEAN}; omit for all bundles")
    ] = None,
) -> BundleListOut:
    """The organization's bundles, oldest first."""
    request.auth.require(CATALOG_READ)
    wanted = boolean_string("isVisible", is_visible)
    async with services.db.reading(request.auth.organization_id) as conn:
        bundles = await queries.list_bundles(conn, request.auth.organization_id, wanted)
    return BundleListOut(data=[_shape(bundle) for bundle in bundles])


@get(
    "/organization/bundles/{bundle_id:str}",
    operation_id="getBundle",
    summary="Get a bundle",
    tags=["Bundles"],
    opt={"errors": (BundleNotFoundError,)},
)
async def get_bundle(
    request: ActorRequest,
    services: NamedDependency[Services],
    bundle_id: Annotated[str, PathParameter(description="UUID of the bundle")],
    include_intake_form: Annotated[str | None, QueryParameter(name="includeIntakeForm", description=_BOOLEAN)] = None,
    include_followup_form: Annotated[
        str | None, QueryParameter(name="includeFollowupForm", description=_BOOLEAN)
    ] = None,
) -> BundleAnswerOut:
    """One bundle, with its intake and follow-up forms when asked for."""
    request.auth.require(CATALOG_READ)
    wants_intake = boolean_string("includeIntakeForm", include_intake_form)
    wants_followup = boolean_string("includeFollowupForm", include_followup_form)
    organization_id, wanted = request.auth.organization_id, parse_uuid(bundle_id)
    async with services.db.reading(organization_id) as conn:
        bundle = await queries.find_bundle(conn, organization_id, wanted) if wanted else None
        if bundle is None:
            raise BundleNotFoundError(bundle_id)
        asked = {
            name: form_id
            for name, wants, form_id in (
                ("intake_form", wants_intake, bundle.intake_form_id),
                ("followup_form", wants_followup, bundle.followup_form_id),
            )
            if wants
        }
        forms = await list_forms(conn, organization_id, [form_id for form_id in asked.values() if form_id])
    shown = {name: forms.get(form_id) if form_id else None for name, form_id in asked.items()}
    return BundleAnswerOut(data=BundleDetailOut(bundle=_shape(bundle), **shown))


def _shape(bundle: Bundle) -> BundleOut:
    return BundleOut(
        id=bundle.id,
        name=bundle.name,
        image_url=bundle.image_url,
        description=bundle.description,
        price=decimal_string(bundle.price_cents),
        price_unit=bundle.currency,
        initial_discount=decimal_string(bundle.initial_discount_cents),
        is_sold_out=bundle.is_sold_out,
        is_visible=bundle.is_visible,
    )
