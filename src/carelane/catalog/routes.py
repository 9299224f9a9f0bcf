"""GET /api/v1/organization/bundles and one bundle with its forms (seed 003); products likewise."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.catalog import reads
from carelane.catalog.errors import BundleNotFoundError, ProductNotFoundError
from carelane.catalog.schemas import BundleAnswerOut, BundleListOut, ProductAnswerOut, ProductListOut
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes
from carelane.web.wire import boolean_string

routes = Routes(tag="Bundles")
product_routes = Routes(tag="Products")

_BOOLEAN = "`true` or `false`"


@routes.get("/organization/bundles", "List bundles")
async def list_bundles(
    request: ActorRequest,
    services: NamedDependency[Services],
    is_visible: Annotated[
        str | None, QueryParameter(name="isVisible", description=f"{_BOOLEAN}; omit for all bundles")
    ] = None,
) -> BundleListOut:
    """The organization's bundles, oldest first."""
    return BundleListOut(data=await reads.list_bundles(services, request.auth, boolean_string("isVisible", is_visible)))


@routes.get("/organization/bundles/{bundle_id:str}", "Get a bundle", errors=(BundleNotFoundError,))
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
    detail = await reads.get_bundle(
        services,
        request.auth,
        bundle_id,
        with_intake_form=bool(boolean_string("includeIntakeForm", include_intake_form)),
        with_followup_form=bool(boolean_string("includeFollowupForm", include_followup_form)),
    )
    return BundleAnswerOut(data=detail)


@product_routes.get("/organization/products", "List products")
async def list_products(
    request: ActorRequest,
    services: NamedDependency[Services],
    is_visible: Annotated[
        str | None, QueryParameter(name="isVisible", description=f"{_BOOLEAN}; omit for all products")
    ] = None,
) -> ProductListOut:
    """The organization's products, oldest first. Those that are sold are visible."""
    visible = boolean_string("isVisible", is_visible)
    return ProductListOut(data=await reads.list_products(services, request.auth, visible))


@product_routes.get("/organization/products/{product_id:str}", "Get a product", errors=(ProductNotFoundError,))
async def get_product(
    request: ActorRequest,
    services: NamedDependency[Services],
    product_id: Annotated[str, PathParameter(description="UUID of the product")],
    include_followup_form: Annotated[
        str | None, QueryParameter(name="includeFollowupForm", description=_BOOLEAN)
    ] = None,
    include_optional_followup_form: Annotated[
        str | None, QueryParameter(name="includeOptionalFollowupForm", description=_BOOLEAN)
    ] = None,
) -> ProductAnswerOut:
    """One product, with the form by which its oldest bundle follows up when asked for."""
    detail = await reads.get_product(
        services,
        request.auth,
        product_id,
        with_followup_form=bool(boolean_string("includeFollowupForm", include_followup_form)),
        with_optional_followup_form=bool(boolean_string("includeOptionalFollowupForm", include_optional_followup_form)),
    )
    return ProductAnswerOut(data=detail)
