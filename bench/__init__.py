"""Measures Carelane beside the limit of the machine: `bin/bench`.

Each row of the table is one kind of request, sent by wrk to the real server on its embedded database. Beside it stands what
the database alone can do: pgbench sends the very statements that the server sends for that request (they are recorded
from the running code, so they cannot drift from it). Load and limit alternate, on the same rows of the same database.
"""
