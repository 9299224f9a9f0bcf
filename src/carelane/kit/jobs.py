"""Background jobs: Procrastinate on the same database. A task is a function of services and ids, nothing else.

Ids only, because a job's arguments lie in the clear in the queue's table: health information has no business there. A
queue is a hint and the row is the truth: a task looks at its record and does what is still to be done, so running it
twice does no harm.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy

from carelane.kit.db import Connection

TaskFunctionT = TypeVar("TaskFunctionT", bound=Callable[..., Awaitable[None]])
MOST_ATTEMPTS = 8
# Waits of 2, 4, 8 … seconds between attempts: about four minutes in all.
RETRY = RetryStrategy(max_attempts=MOST_ATTEMPTS, exponential_wait=2)
_SERVICES = "services"
_CONNECTIONS = 5

# Where tasks are registered. It is never opened: the worker makes its own copy, bound to the database.
app = App(connector=PsycopgConnector())


def task(name: str) -> Callable[[TaskFunctionT], TaskFunctionT]:
    """Makes `function(services, **ids: UUID)` a task that is retried when it raises."""

    def register(function: TaskFunctionT) -> TaskFunctionT:
        @app.task(name=name, pass_context=True, retry=RETRY)
        async def run(context: JobContext, /, **ids: str) -> None:
            await function((context.additional_context or {})[_SERVICES], **{key: UUID(ids[key]) for key in ids})

        return function

    return register


async def enqueue(conn: Connection, name: str, jobs: list[dict[str, UUID]]) -> None:
    """Puts one job per entry into the queue, in the caller's transaction: they exist once it commits."""
    if jobs:
        arguments: list[dict[str, Any]] = [{key: str(value) for key, value in ids.items()} for ids in jobs]
        await app.configure_task(name, connection=conn).batch_defer_async(*arguments)


def bound_to(url: str) -> App:
    """The app on a database of its own; open it with `async with app.open_async()`."""
    connector = PsycopgConnector(
        conninfo=url,
        min_size=1,
        max_size=_CONNECTIONS,
        kwargs={"application_name": "carelane worker", "prepare_threshold": None},
    )
    return app.with_connector(connector)


def context_of(services: object) -> dict[str, Any]:
    """What the worker hands to every task."""
    return {_SERVICES: services}
