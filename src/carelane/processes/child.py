"""What the supervisor starts: `python -m carelane.processes.child loader REQUESTS LIFELINE GATE`, settings in the environment.

The numbers are file descriptors. The gate is a pipe that the supervisor closes once the database is ready: the code is
loaded while the database starts, and the children begin after that.
"""

import gc
import os
import sys
from collections.abc import Callable
from typing import Any

from carelane.kit.keyring import read_master_key
from carelane.processes import lifeline, loader
from carelane.processes.heartbeat import beat
from carelane.settings import Settings, read_settings

# What a child whose parent is gone gets on top of the time for its open requests and jobs, before it is killed.
GRACE_SECONDS = 5.0
# Where the server listens. The worker tells pharmacies where to call back, and has no request to take the address from.
OWN_URL = "CARELANE_OWN_URL"

_App = Callable[[], Any]


def main() -> None:
    kind, *numbers = sys.argv[1:]
    fds = [int(number) for number in numbers]
    app = None
    if kind == loader.LOADER:
        app = _load()
        kind, fds = loader.become(fds[0], fds[1:], _begin_forked)
    elif kind == loader.STARTER:
        kind, fds = loader.become(fds[0], fds[1:], loader.become_program)
    _run(kind, app, *fds)


def _load() -> _App:
    """All code, and the server's routes. The collector would look through all of it again and again, and write on it."""
    gc.disable()
    from carelane import app
    from carelane.processes import server, worker  # noqa: F401

    built = app.create_app(read_settings())
    gc.freeze()
    return lambda: built


def _begin_forked(kind: str, _: list[int]) -> None:
    gc.enable()
    loader.show_as(kind)


def _run(
    kind: str, app: _App | None, alive: int, gate: int, loader_alive: int, heartbeat: int, *listening: int
) -> None:
    settings = read_settings()
    lifeline.hold([alive, loader_alive], settings.stop_seconds + GRACE_SECONDS)
    # Each kind imports only what it needs.
    if kind == loader.SERVER:
        from carelane.app import create_app
        from carelane.processes import server

        _wait_for(gate, alive, heartbeat, settings)
        server.run(app or (lambda: create_app(settings)), settings, listening[0], heartbeat)
    else:
        from carelane.processes import worker

        if settings.public_url is None:
            settings = read_settings(public_url=os.environ[OWN_URL])
        _wait_for(gate, alive, heartbeat, settings)
        worker.main(settings, heartbeat)


def _wait_for(gate: int, alive: int, heartbeat: int, settings: Settings) -> None:
    os.read(gate, 1)
    if lifeline.is_cut(alive):
        # The gate was not opened, but went with a supervisor that found no database, or was killed.
        sys.exit()
    beat(heartbeat)
    # There is one now. Were it taken away while we run, none is made in its place.
    read_master_key(settings.data_dir, settings.master_key)


if __name__ == "__main__":
    main()
