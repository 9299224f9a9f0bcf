"""A process that dies leaves no picture of its memory behind: that holds answers, keys and tokens."""

import resource
from collections.abc import Iterator

import psutil
import pytest

from tests.processes.waiting import until
from tests.server import prepared, running_server

pytestmark = pytest.mark.skipif(
    not hasattr(psutil, "RLIMIT_CORE"), reason="only Linux tells the limits of other processes"
)


@pytest.fixture
def allowed() -> Iterator[None]:
    """Whoever starts the server would have core dumps."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


def test_no_process_may_dump_core(tmp_path, allowed):
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] != 0
    with running_server(prepared(tmp_path / "data"), "--workers", "1") as running:
        supervisor = psutil.Process(running.process.pid)
        everybody = until(
            lambda: found if is_whole(found := [supervisor, *supervisor.children(recursive=True)]) else None
        )
        assert {one.rlimit(psutil.RLIMIT_CORE) for one in everybody} == {(0, 0)}


def is_whole(processes: list[psutil.Process]) -> bool:
    """Whether the server, the worker and the database are among them."""
    words = {word for one in processes for word in one.cmdline()}
    return {"server", "worker"} <= words and any(word.endswith("/postgres") for word in words)
