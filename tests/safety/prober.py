"""A process that asks /health/live every few milliseconds on a connection of its own, and tells the longest it ever waited.

It prints that, in seconds, for each line that it reads, and begins anew. A process of its own, because whoever sends large
bodies is itself too busy to measure.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

ASK_SECONDS = 0.005


class Prober:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def longest_seconds(self) -> float:
        """Since the last time this was asked."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


@contextmanager
def running_prober(url: str) -> Iterator[Prober]:
    command = [sys.executable, "-m", "tests.safety.prober", url]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        prober = Prober(process)
        prober.longest_seconds()
        yield prober
    finally:
        process.terminate()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()


async def _main(url: str) -> None:
    longest = 0.0

    async def ask() -> None:
        nonlocal longest
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while True:
            asked = time.perf_counter()
            writer.write(b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n")
            await reader.readuntil(b'"ok"}')
            longest = max(longest, time.perf_counter() - asked)
            await asyncio.sleep(ASK_SECONDS)

    asking = asyncio.create_task(ask())
    while await asyncio.to_thread(sys.stdin.readline):
        print(longest, flush=True)  # noqa: T201 - how it tells
        longest = 0.0
    asking.cancel()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
