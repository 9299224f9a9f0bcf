"""SQL about appointments: their part of the case detail. `c` is the case; `%(most)s` bounds the list."""

from typing import LiteralString

CASE_CALENDAR_EVENTS: LiteralString = """
coalesce((
  SELECT json_agg(json_build_object('id', e.id, 'startDateTime', e.starts_at, 'endDateTime', e.ends_at,
    'timezone', e.timezone, 'meetingLink', e.meeting_link, 'meetingProvider', e.meeting_provider,
    'cancelURL', e.cancel_url, 'rescheduleURL', e.reschedule_url, 'providerName', e.provider_name,
    'providerEmail', e.provider_email) ORDER BY e.starts_at, e.id)
  FROM (SELECT * FROM calendar_events
        WHERE organization_id = c.organization_id AND case_id = c.id AND deleted_at IS NULL
        ORDER BY starts_at DESC LIMIT %(most)s) e), '[]')
"""
