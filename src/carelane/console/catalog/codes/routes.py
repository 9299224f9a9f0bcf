"""`/console/catalog/promo-codes`"""

from carelane.console.catalog.codes import views
from carelane.console.catalog.routes import keep
from carelane.console.catalog.schemas import Keeper
from carelane.console.catalog.views import PROMO_CODES
from carelane.promo_codes.desk.actions import change_promo_code, create_promo_code
from carelane.promo_codes.desk.reads import get_promo_code, list_promo_codes
from carelane.promo_codes.desk.schemas import PromoCodeIn
from carelane.web.html.routes import PageRoutes

routes = PageRoutes()
keep(
    routes,
    Keeper(
        kind=PROMO_CODES,
        ref="promo_code_id",
        list_records=list_promo_codes,
        records=lambda found: found.promo_codes,
        columns=views.columns,
        row=views.row,
        get_record=get_promo_code,
        create_record=create_promo_code,
        change_record=change_promo_code,
        body=PromoCodeIn,
        boxes=("isVisible", "isActive"),
        more=views.moments_of,
        begins_with={"isActive": True},
        form_of=views.form_of,
        names=views.NAMES,
        picks=("bundleIds",),
        values=views.values,
    ),
)
