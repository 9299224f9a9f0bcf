"""What the process that others are forked from imports: all that servers, workers and commands do."""

from carelane import app, cli
from carelane.apply import actions, reading
from carelane.demo import data
from carelane.processes import database, installation, reconcile, rotate_key, server, supervisor, worker

__all__ = [
    "actions", "app", "cli", "data", "database", "installation", "reading", "reconcile", "rotate_key", "server", "supervisor",
    "worker",
]  # fmt: skip
