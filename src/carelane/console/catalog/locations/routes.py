"""`/console/catalog/locations`"""

from carelane.console.catalog.locations import views
from carelane.console.catalog.routes import keep
from carelane.console.catalog.schemas import Keeper
from carelane.console.catalog.views import LOCATIONS
from carelane.locations.desk.actions import change_location, create_location
from carelane.locations.desk.reads import get_location, list_locations
from carelane.locations.desk.schemas import PlaceIn
from carelane.web.html.routes import PageRoutes

routes = PageRoutes()
keep(
    routes,
    Keeper(
        kind=LOCATIONS,
        ref="location_id",
        list_records=list_locations,
        records=lambda found: found.locations,
        columns=views.columns,
        row=views.row,
        get_record=get_location,
        create_record=create_location,
        change_record=change_location,
        body=PlaceIn,
        boxes=("isVirtual", "isActive"),
        begins_with={"isActive": True, "timezone": "America/New_York"},
        names=views.NAMES,
    ),
)
