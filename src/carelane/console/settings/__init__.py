"""`/console/settings`: what administrators set for their clinic, a room for each part."""
