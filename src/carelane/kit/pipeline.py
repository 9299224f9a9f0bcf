"""psycopg's pipeline, holding statements back until an answer is waited for, and then sending them in one piece.

psycopg's own sends each statement as it comes: a dozen system calls for a create-case, and for each the database process is
woken (measured: docs/design/performance.md).

This relies on psycopg's inner names, which may change between its minor versions, so pyproject.toml allows only the one it
was written for, and `tests/cases/test_create_round_trips.py` counts what is sent. Before allowing the next one, compare
psycopg's `_pipeline_base.py` in both.
"""

from contextlib import suppress
from functools import partial
from typing import Any

import psycopg


class HeldPipeline(psycopg.AsyncPipeline):
    """Put it into `conn._pipeline` and enter it: until it is left, the connection's statements go through it.

    Leaving it sends what is still queued and waits for every answer.
    """

    def command(self, text: str) -> None:
        """Queues a command such as BEGIN, whose answer nobody reads; costs a tenth of a cursor's `execute`.

        If it fails, the next wait for an answer raises.
        """
        self.command_queue.append(partial(self.pgconn.send_query_params, text.encode(), None))
        self.result_queue.append(None)

    def _communicate_gen(self) -> Any:
        """Called after each statement: nothing is sent yet."""
        yield from ()

    def _sync_gen(self) -> Any:
        self._enqueue_sync()
        yield from self._fetch_gen(flush=False)

    def _exit_gen(self) -> Any:
        self._enqueue_sync()
        try:
            yield from self._fetch_gen(flush=True)
        except psycopg.Error:
            # The answers behind an error only say that they were skipped. Unread, they would hide it: the pipeline could not
            # be left, which looks as if the database were gone.
            with suppress(psycopg.Error):
                yield from super()._fetch_gen(flush=True)
            raise

    def _fetch_gen(self, *, flush: bool) -> Any:
        # Each command only fills the library's buffer; the buffer leaves in one piece.
        while self.command_queue:
            self.command_queue.popleft()()
        yield from super()._communicate_gen()
        yield from super()._fetch_gen(flush=flush)
