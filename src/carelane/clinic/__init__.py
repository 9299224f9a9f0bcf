"""What administrators set for their clinic, by hand: the organization itself, its keys and clients, its fees. All of it stands in the
organization file, too, and is written by the same statements, so that the next `carelane apply` sees what was changed here.
"""
