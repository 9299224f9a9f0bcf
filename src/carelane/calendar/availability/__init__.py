"""When a clinician sees patients: weekly hours by the clock of a zone, and days that differ. Slots are worked out from these."""
