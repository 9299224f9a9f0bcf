"""Locations between their rows and the wire."""

import msgspec

from carelane.locations.desk.schemas import PlaceOut
from carelane.locations.queries import Location
from carelane.web.versions import version_of


def show_location(row: Location) -> PlaceOut:
    return PlaceOut(**msgspec.structs.asdict(row), version=version_of(row))
