"""Starting the real `carelane pharmacy-simulator` on a free port, and stopping it."""

from contextlib import AbstractContextManager

from tests import forked_simulator

READY = "The pharmacy simulator is ready on "
STOP_SECONDS = forked_simulator.STOP_SECONDS


def running_simulator(**options: float | str) -> AbstractContextManager[str]:
    """Its URL. `options` are those of the command, such as ship_after=0.1 or secret="shared"."""
    return forked_simulator.running("pharmacy-simulator", READY, options)
