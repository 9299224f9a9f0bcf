"""Appointments as the case detail shows them (seed 002)."""

from datetime import datetime
from uuid import UUID

import msgspec


class CalendarEventOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`timezone` is an IANA name."""

    id: UUID
    start_date_time: datetime
    end_date_time: datetime
    timezone: str
    meeting_link: str | None
    meeting_provider: str | None
    cancel_url: str | None = msgspec.field(name="cancelURL")
    reschedule_url: str | None = msgspec.field(name="rescheduleURL")
    provider_name: str | None
    provider_email: str | None
