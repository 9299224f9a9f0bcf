"""`/console/catalog/taxes`"""

from carelane.console.catalog.routes import keep
from carelane.console.catalog.schemas import Keeper
from carelane.console.catalog.taxes import views
from carelane.console.catalog.views import TAXES
from carelane.taxes.desk.actions import change_tax, create_tax
from carelane.taxes.desk.reads import get_tax, list_taxes
from carelane.taxes.desk.schemas import RaisedTaxIn
from carelane.web.html.routes import PageRoutes

routes = PageRoutes()
keep(
    routes,
    Keeper(
        kind=TAXES,
        ref="tax_id",
        list_records=list_taxes,
        records=lambda found: found.taxes,
        columns=views.columns,
        row=views.row,
        get_record=get_tax,
        create_record=create_tax,
        change_record=change_tax,
        body=RaisedTaxIn,
        boxes=("isActive",),
        more=views.categories_of,
        begins_with={"isActive": True, "scope": "ALL"},
        form_of=views.form_of,
        names=views.NAMES,
        picks=("locationIds",),
        values=views.values,
    ),
)
