"""`/console/settings/file` and `/console/settings/changes`: the organization file, what it would change, what was changed since."""
