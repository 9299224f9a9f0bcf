"""Mails about appointments, to the patient and to the clinician, each with an `.ics` that keeps their calendars up to date."""
