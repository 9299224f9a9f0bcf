"""`/console/catalog/drugs`"""

from carelane.console.catalog.drugs import views
from carelane.console.catalog.routes import keep
from carelane.console.catalog.schemas import Keeper
from carelane.console.catalog.views import DRUGS
from carelane.pharmacies.drugs.actions import change_drug, create_drug
from carelane.pharmacies.drugs.reads import get_drug, list_drugs
from carelane.pharmacies.drugs.schemas import DrugIn
from carelane.web.html.routes import PageRoutes

routes = PageRoutes()
keep(
    routes,
    Keeper(
        kind=DRUGS,
        ref="drug_id",
        list_records=list_drugs,
        records=lambda found: found.drugs,
        columns=views.columns,
        row=views.row,
        get_record=get_drug,
        create_record=create_drug,
        change_record=change_drug,
        body=DrugIn,
        boxes=("isActive",),
        begins_with={"isActive": True},
        names=views.NAMES,
        picks=("productId",),
        values=views.values,
    ),
)
