"""From a member's hours to the wire."""

import msgspec

from carelane.calendar.availability.queries import Availability
from carelane.clinic.people.availability.schemas import USUAL_MINUTES, AvailabilityOut
from carelane.web.versions import version_of


def availability_out(stands: Availability | None) -> AvailabilityOut:
    if stands is None:
        shown = AvailabilityOut(
            timezone=None, appointment_minutes=USUAL_MINUTES, meeting_link=None, hours=[], exceptions=[], version=""
        )
    else:
        same = {name: getattr(stands, name) for name in AvailabilityOut.__struct_fields__ if hasattr(stands, name)}
        shown = AvailabilityOut(**same, version="")
    return msgspec.structs.replace(shown, version=version_of(shown))
