"""The commands `carelane ledger export | balance`.

What each needs is imported when it runs, so that `carelane --help` answers at once.
"""

import sys
from datetime import datetime
from typing import Annotated

import typer

from carelane.processes.commands import AsJson, DataDir, Tenant, existing, one_line_errors, with_services

app = typer.Typer(no_args_is_help=True, help="The books.")


@app.command("export")
def export_ledger(
    organization: Tenant = None,
    from_day: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First day, in UTC; what was before is in opening balances."),
    ] = None,
    until_day: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="The day after the last one.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Print the books as a plain-text journal that hledger reads, beside a running server or alone."""
    with one_line_errors():
        from carelane.ledger.export.schemas import Span
        from carelane.processes.books import export

        days = Span(from_day=from_day and from_day.date(), until_day=until_day and until_day.date())
        with_services(existing(data_dir), lambda services: export(services, organization, days, sys.stdout.write))


@app.command("balance")
def balance_ledger(
    organization: Tenant = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Print what each account comes to, beside a running server or alone. Debits and credits of a currency are the same."""
    with one_line_errors():
        from carelane.processes.books import balance, book_lines

        books = with_services(existing(data_dir), lambda services: balance(services, organization))
        for line in book_lines(books, as_json=as_json):
            sys.stdout.write(f"{line}\n")
