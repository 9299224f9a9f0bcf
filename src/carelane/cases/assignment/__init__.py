"""Giving cases to clinicians by the organization's policy: `round_robin`, `least_loaded`, or `none`.

A case that is OPEN, not archived and with nobody waits to be assigned, and its row is all that says so: one that came while the
rota was empty, or was taken from somebody, is assigned as soon as there is somebody to take it.
"""
