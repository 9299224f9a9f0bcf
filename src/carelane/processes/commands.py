"""What the commands have in common: which installation they work on, and how a fault is told.

What each needs is imported when it runs, so that `carelane --help` answers at once.
"""

import asyncio
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from carelane.settings import Settings

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Folder of database, documents and master key.")]
Tenant = Annotated[str | None, typer.Option("--organization", help="The tenant of one organization; usually all.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def read(**overrides: Any) -> "Settings":
    from carelane.settings import read_settings

    return read_settings(**overrides)


def is_named(data_dir: Path | None) -> bool:
    return data_dir is not None or bool(os.environ.get("CARELANE_DATA_DIR"))


def existing(data_dir: Path | None) -> "Settings":
    """For commands that work on an installation and make none."""
    from carelane.processes.installation import require_existing

    return require_existing(read(data_dir=data_dir), is_named=is_named(data_dir))


@contextmanager
def nobody_serves(settings: "Settings") -> Iterator[None]:
    """As far as the data folder tells: it is the database's own, unless there is one of somebody's own."""
    from carelane.processes.installation import locked

    if settings.database_url is not None:
        yield
    else:
        with locked(settings.data_dir, "stop it first"):
            yield


def with_services(settings: "Settings", act: Any, *, creates_key: bool = False) -> Any:
    """The outcome of `act(services)` on a database that is made ready, whether a server runs on it or not."""
    from carelane.processes import database
    from carelane.services import open_services

    async def run(ready: "Settings") -> Any:
        async with open_services(ready) as services:
            return await act(services)

    with database.ready_database(settings, creates_key=creates_key) as ready:
        return asyncio.run(run(ready))


@contextmanager
def one_line_errors(bug_exit_code: int = 1) -> Iterator[None]:
    """Faults that a person can mend end as one line and exit code 2; any other is a bug, and shows its traceback."""
    try:
        yield
    except (typer.Exit, KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:
        if not _is_mendable(error):
            if bug_exit_code == 1:
                raise
            traceback.print_exc()
            raise typer.Exit(bug_exit_code) from None
        sys.stderr.write(f"carelane: {str(error).strip() or type(error).__name__}\n")
        raise typer.Exit(2) from None


def _is_mendable(error: Exception) -> bool:
    import psycopg

    from carelane.kit.errors import CarelaneError, MendableError

    # Settings that are wrong are ValueErrors that begin with the variable's name; other ValueErrors are our mistakes.
    if isinstance(error, ValueError):
        return str(error).startswith("CARELANE_")
    return isinstance(error, (MendableError, CarelaneError, OSError, psycopg.OperationalError))
