"""Points in time and lengths of it, as people say them. Where it is what o'clock, the browser tells in a cookie."""

from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_skeleton
from markupsafe import Markup, escape

from carelane.kit import clock
from carelane.kit.formatting import weekday_text
from carelane.kit.languages import _, ngettext, region

ZONE_COOKIE = "carelane_zone"
_UTC = ZoneInfo("UTC")
_zone: ContextVar[ZoneInfo] = ContextVar("zone", default=_UTC)


def be_in(zone: str) -> None:
    """For the request in hand. A name that is none counts as UTC."""
    _zone.set(_known(zone) or _UTC)


def _known(zone: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_name() -> str:
    """Of the request in hand."""
    return _zone.get().key


def local(at: datetime) -> datetime:
    return at.astimezone(_zone.get())


def wall_time(at: datetime, zone: str = "") -> str:
    """As a field of a form takes a day and an hour. `zone`: where the form was filled in, if not where the request comes from."""
    there = at.astimezone(_known(zone) or _zone.get())
    return f"{there:%Y-%m-%dT%H:%M:%S}" if there.second else f"{there:%Y-%m-%dT%H:%M}"


def instant_of(text: str, zone: str = "") -> str:
    """What was typed into such a field, with the offset that the clock on the wall has; the text itself when it is none."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    return (at if at.tzinfo else at.replace(tzinfo=_known(zone) or _zone.get())).isoformat()


def this_day() -> date:
    return local(clock.now()).date()


def age(born: date) -> str:
    """`46 y`"""
    today = this_day()
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return _("%(years)d y") % {"years": years}


def moment(at: datetime) -> Markup:
    """`10:38` today, `yesterday 10:38`, `Aug 28, 15:12`, `Aug 28, 2025`; as a `time` element that programs read, too."""
    return Markup('<time datetime="{}">{}</time>').format(at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), words(at))


def words(at: datetime) -> str:
    there, now = local(at), local(clock.now())
    hour = f"{there:%H:%M}"
    days = (now.date() - there.date()).days
    if days == 0:
        return hour
    if days == 1:
        return _("yesterday %(hour)s") % {"hour": hour}
    if days == -1:
        return _("tomorrow %(hour)s") % {"hour": hour}
    # Whoever is to come wants the hour.
    return f"{_short(there.date())}, {hour}" if there.year == now.year or days < 0 else _short(there.date())


def brief(at: datetime) -> Markup:
    """`10:38` today, else the day: for a narrow column."""
    there = local(at)
    text = f"{there:%H:%M}" if there.date() == this_day() else _short(there.date())
    return Markup('<time datetime="{}">{}</time>').format(at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), text)


def day(when: date | datetime) -> Markup:
    """`Aug 28`, with the year unless it is this one."""
    plain = local(when).date() if isinstance(when, datetime) else when
    return Markup('<time datetime="{}">{}</time>').format(plain.isoformat(), _short(plain))


def day_text(when: date) -> str:
    """The same where no element can be."""
    return _short(when)


def clock_time(at: datetime) -> Markup:
    """`10:42:30`: when seconds count."""
    return Markup('<time datetime="{}">{}</time>').format(
        at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), f"{local(at):%H:%M:%S}"
    )


def _short(when: date) -> str:
    return format_skeleton("MMMd" if when.year == this_day().year else "yMMMd", when, locale=region())


def month_text(when: date) -> str:
    """`Nov 2026`"""
    return format_skeleton("yMMM", when, locale=region())


def long_day(when: date) -> str:
    """`Thursday, November 26`"""
    return weekday_text(when)


def span(length: timedelta) -> str:
    """`under a minute`, `49 min`, `3 h 05 min`, `2 days`; never negative."""
    minutes = int(abs(length).total_seconds()) // 60
    if minutes == 0:
        return _("under a minute")
    if minutes < 60:
        return _("%(minutes)d min") % {"minutes": minutes}
    if minutes < 24 * 60:
        return _("%(hours)d h %(minutes)02d min") % {"hours": minutes // 60, "minutes": minutes % 60}
    days = minutes // (24 * 60)
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


def left(until: datetime) -> Markup:
    """`49 min`, or `19 min over` when it is past."""
    remaining = until - clock.now()
    text = span(remaining) if remaining >= timedelta(0) else _("%(time)s over") % {"time": span(remaining)}
    return Markup('<time datetime="{}">{}</time>').format(
        until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), escape(text)
    )


def ago(at: datetime) -> str:
    """`49 min ago`"""
    return _("%(time)s ago") % {"time": span(clock.now() - at)}
