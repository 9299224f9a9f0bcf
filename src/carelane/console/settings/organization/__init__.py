"""`/console/settings`: the clinic itself, and what is kept how long."""
