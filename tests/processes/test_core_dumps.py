"""A process that dies leaves no picture of its memory behind: that holds answers, keys and tokens."""

import re
import resource
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.processes.waiting import until
from tests.server import RunningServer, prepared, running_program

pytestmark = pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="only Linux tells the limits of others")


@pytest.fixture
def allowed() -> Iterator[None]:
    """Whoever starts the server would have core dumps."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


def limit_of(process_id: int) -> list[str]:
    """The soft and the hard limit."""
    found = re.search(
        r"^Max core file size +(\S+) +(\S+)", Path(f"/proc/{process_id}/limits").read_text(), re.MULTILINE
    )
    assert found
    return [*found.groups()]


def children(running: RunningServer) -> dict[str, int]:
    found = psutil.Process(running.process.pid).children(recursive=True)
    return {kind: child.pid for child in found for kind in ("server", "worker") if kind in child.cmdline()}


def test_no_process_may_dump_core(tmp_path, allowed):
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] != 0
    with running_program(prepared(tmp_path / "data"), "--workers", "1") as running:
        kinds = until(lambda: found if len(found := children(running)) == 2 else None)
        # On its own, with the supervisor as nobody's parent.
        (postmaster,) = running.data_dir.rglob("postmaster.pid")
        everybody = [running.process.pid, *kinds.values(), int(postmaster.read_text().split()[0])]
        assert [limit_of(one) for one in everybody] == [["0", "0"]] * 4
