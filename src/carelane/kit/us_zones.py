"""Which calendar day it is in a state of the United States.

A state may lie in several zones. What holds "until the end of a day" holds until that day has ended everywhere in the state,
and what begins on a day begins where that day begins first.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Each state's zones, that of most of its people first. Military "states" are in all the world; these are where most mail goes.
_ZONES = """
America/New_York: CT DC DE FL GA KY MA MD ME NC NH NJ NY OH PA RI SC VA VT WV AA TN IN MI
America/Chicago: AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI FL IN KY MI
America/Denver: CO MT NM UT WY KS ND NE SD TX OR ID NV AZ
America/Phoenix: AZ
America/Los_Angeles: CA NV OR WA ID
America/Detroit: MI
America/Indiana/Indianapolis: IN
America/Boise: ID
America/Anchorage: AK
America/Adak: AK
Pacific/Honolulu: HI
America/Puerto_Rico: PR VI
Pacific/Guam: GU MP
Pacific/Pago_Pago: AS
Pacific/Pohnpei: FM
Pacific/Chuuk: FM
Pacific/Majuro: MH
Pacific/Palau: PW
Europe/Berlin: AE
Asia/Tokyo: AP
"""
# Where the first zone of the table is not that of most people.
_MOST_PEOPLE = {
    "AZ": "America/Phoenix",
    "ID": "America/Boise",
    "IN": "America/Indiana/Indianapolis",
    "KS": "America/Chicago",
    "MI": "America/Detroit",
    "NV": "America/Los_Angeles",
    "OR": "America/Los_Angeles",
    "TN": "America/Chicago",
}
# For a state that is none: it is a day somewhere in the country.
_ANYWHERE = ("America/New_York", "Pacific/Guam", "Pacific/Pago_Pago")


def _read(table: str) -> dict[str, tuple[ZoneInfo, ...]]:
    names: dict[str, list[str]] = {}
    for line in table.strip().splitlines():
        zone, _, states = line.partition(": ")
        for state in states.split():
            names.setdefault(state, []).append(zone)
    return {
        state: tuple(ZoneInfo(zone) for zone in sorted(zones, key=lambda zone: zone != _MOST_PEOPLE.get(state)))
        for state, zones in names.items()
    }


_BY_STATE = _read(_ZONES)


def _zones(state: str) -> tuple[ZoneInfo, ...]:
    return _BY_STATE.get(state.strip().upper()) or tuple(ZoneInfo(name) for name in _ANYWHERE)


def day_in(state: str, moment: datetime) -> date:
    """The day that most people of the state write at that moment."""
    return moment.astimezone(_zones(state)[0]).date()


def earliest_day_in(state: str, moment: datetime) -> date:
    """The day that it is still somewhere in the state: what is good until the end of a day is good if it is not before this."""
    return min(moment.astimezone(zone).date() for zone in _zones(state))


def latest_day_in(state: str, moment: datetime) -> date:
    """The day that it is already somewhere in the state: what begins on a day has begun if it is not after this."""
    return max(moment.astimezone(zone).date() for zone in _zones(state))


def end_of_day_in(state: str, day: date) -> datetime:
    """When that day is over everywhere in the state."""
    return max(datetime.combine(day + timedelta(days=1), time(), zone) for zone in _zones(state))
