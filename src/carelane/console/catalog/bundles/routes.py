"""`/console/catalog/bundles`"""

from carelane.catalog.desk.actions import change_bundle, create_bundle
from carelane.catalog.desk.reads import get_bundle, list_bundles
from carelane.catalog.desk.schemas import OfferedBundleIn
from carelane.console.catalog.bundles import views
from carelane.console.catalog.routes import keep
from carelane.console.catalog.schemas import Keeper
from carelane.console.catalog.views import BUNDLES
from carelane.web.html.routes import PageRoutes

routes = PageRoutes()
keep(
    routes,
    Keeper(
        kind=BUNDLES,
        ref="bundle_id",
        list_records=list_bundles,
        records=lambda found: found.bundles,
        columns=views.columns,
        row=views.row,
        get_record=get_bundle,
        create_record=create_bundle,
        change_record=change_bundle,
        body=OfferedBundleIn,
        boxes=("isVisible", "isSoldOut", "isArchived"),
        begins_with={"initialDiscount": "0.00", "isVisible": True},
        names=views.NAMES,
        picks=("productIds", "intakeFormId", "followupFormId"),
        values=views.values,
    ),
)
