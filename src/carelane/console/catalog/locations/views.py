"""What the pages of locations show."""

from carelane.console.catalog.views import Row, state_of
from carelane.kit.languages import N_, _
from carelane.locations.desk.schemas import PlaceOut

NAMES = {
    "name": N_("Name"),
    "isVirtual": N_("It is no place: care by phone or video"),
    "addressLine1": N_("Address"),
    "addressLine2": N_("Address, second line"),
    "city": N_("City"),
    "state": N_("State"),
    "postalCode": N_("ZIP code"),
    "country": N_("Country"),
    "timezone": N_("Time zone"),
    "isActive": N_("It is in use"),
}


def columns() -> list[tuple[str, str]]:
    return [(_("Where"), ""), (_("Time zone"), "")]


def row(place: PlaceOut) -> Row:
    where = ", ".join(text for text in (place.city, place.state) if text)
    return Row(
        id=str(place.id),
        name=place.name,
        note=_("No place: care by phone or video") if place.is_virtual else "",
        cells=[where, place.timezone],
        state=state_of(is_active=place.is_active, text=_("In use") if place.is_active else _("Archived")),
    )
