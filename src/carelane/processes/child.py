"""What the supervisor starts: `python -m carelane.processes.child server|worker HEARTBEAT LIFELINE GATE [LISTENING]`, settings in the environment.

The numbers are file descriptors. The gate is a pipe that the supervisor closes once the database is ready: a child
imports its code while the database starts, and begins after that.
"""

import os
import sys

from carelane.kit.keyring import read_master_key
from carelane.processes import lifeline
from carelane.processes.heartbeat import beat
from carelane.settings import Settings, read_settings

# What a child whose parent is gone gets on top of the time for its open requests and jobs, before it is killed.
GRACE_SECONDS = 5.0


def main() -> None:
    kind, *numbers = sys.argv[1:]
    heartbeat, alive, gate, *listening = [int(number) for number in numbers]
    settings = read_settings()
    lifeline.hold(alive, settings.stop_seconds + GRACE_SECONDS)
    # Each kind imports only what it needs: memory is counted per process.
    if kind == "server":
        from carelane import app
        from carelane.processes import server

        _wait_for(gate, heartbeat, settings)
        server.run(app.create_app_from_environment, settings, listening[0], heartbeat)
    else:
        from carelane.processes import worker

        _wait_for(gate, heartbeat, settings)
        worker.main(settings, heartbeat)


def _wait_for(gate: int, heartbeat: int, settings: Settings) -> None:
    os.read(gate, 1)
    beat(heartbeat)
    # There is one now. Were it taken away while we run, none is made in its place.
    read_master_key(settings.data_dir, settings.master_key)


if __name__ == "__main__":
    main()
