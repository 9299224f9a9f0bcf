"""`/console/catalog`, which begins with the products, and `/console/catalog/products`."""

from typing import Any

from litestar import Response

from carelane.catalog.desk.actions import change_product, create_product
from carelane.catalog.desk.reads import get_product, list_products
from carelane.catalog.desk.schemas import SoldProductIn
from carelane.console.catalog.products import views
from carelane.console.catalog.routes import keep
from carelane.console.catalog.schemas import Keeper
from carelane.console.catalog.views import PATH, PRODUCTS
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()


@routes.get(PATH)
async def get_first(request: ActorRequest) -> Response[Any]:  # noqa: ARG001 - the route's guard reads it
    """The catalog begins with its products."""
    return see_other(PRODUCTS.path)


keep(
    routes,
    Keeper(
        kind=PRODUCTS,
        ref="product_id",
        list_records=list_products,
        records=lambda found: found.products,
        columns=views.columns,
        row=views.row,
        get_record=get_product,
        create_record=create_product,
        change_record=change_product,
        body=SoldProductIn,
        boxes=("isActive",),
        begins_with={"type": "PRODUCT", "isActive": True},
        names=views.NAMES,
        picks=("exemptedTaxIds",),
        values=views.values,
    ),
)
