"""`/console/settings/pharmacies`: whom orders go to."""
