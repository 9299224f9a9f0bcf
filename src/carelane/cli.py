"""The command line: `carelane serve | worker | migrate | apply | reconcile | ledger export | ledger balance | listen |
pharmacy-simulator | sms-simulator | gateway-simulator | demo-data | rotate-master-key | openapi | demo`.

Each command imports what it needs when it runs, so that `carelane --help` answers at once. A fault a person can mend is
one line on standard error and exit code 2.
"""

import gc
import sys
from pathlib import Path
from typing import Annotated

import typer

from carelane.processes import ledger, simulators
from carelane.processes.commands import (
    AsJson,
    DataDir,
    Tenant,
    existing,
    is_named,
    nobody_serves,
    one_line_errors,
    read,
    with_services,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# Of `apply`, when it would overwrite what was changed elsewhere.
CONFLICT_EXIT_CODE = 3


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from carelane import __version__

        print(f"carelane {__version__}")
        raise typer.Exit


@app.callback()
def carelane(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Carelane: a self-hosted backend for selling and delivering care online."""
    from carelane.processes.core_dumps import forbid

    forbid()


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    workers: Annotated[int | None, typer.Option(help="Server processes.")] = None,
    data_dir: DataDir = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Run no worker here.")] = False,
) -> None:
    """Run the database, the server and the worker until Ctrl-C."""
    with one_line_errors():
        from carelane.processes import supervisor

        settings = read(host=host, port=port, workers=workers, data_dir=data_dir)
        if settings.documents_url is not None:
            # Found before anything starts; only who keeps documents elsewhere needs the code for it here.
            from carelane.kit.storage import Storage

            Storage(settings.documents_url, settings.data_dir)
        supervisor.serve(settings, with_worker=not no_worker)


@app.command()
def worker(data_dir: DataDir = None) -> None:
    """Run one more worker, beside a running `carelane serve` or on your own database."""
    with one_line_errors():
        from carelane.processes import database
        from carelane.processes import worker as worker_process

        with database.ready_database(existing(data_dir)) as settings:
            worker_process.main(settings)


@app.command()
def migrate(data_dir: DataDir = None) -> None:
    """Bring the database to the newest schema. Your own database: as CARELANE_DATABASE_OWNER_URL."""
    with one_line_errors():
        from carelane import migrations
        from carelane.processes import database

        database.migrate(existing(data_dir))
        print(f"The database is at {migrations.newest_revision()}.")


@app.command()
def openapi() -> None:
    """Print the OpenAPI document as JSON; needs no database."""
    with one_line_errors():
        import json

        from carelane.app import openapi_document

        print(json.dumps(openapi_document(), indent=2, ensure_ascii=False))


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="The YAML file.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Overwrite what was changed elsewhere since the last apply.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Bring organizations to what FILE says: keys, products, bundles, forms. Applying it again changes nothing."""
    with one_line_errors():
        from carelane.apply.actions import apply_file
        from carelane.apply.errors import ChangedElsewhereError, InvalidFileError
        from carelane.apply.reading import with_lines

        try:
            changes = with_services(
                existing(data_dir), lambda services: apply_file(services, file, dry_run, overwrite=overwrite)
            )
        except InvalidFileError as error:
            for line in with_lines(file, error):
                sys.stderr.write(f"carelane: {line}\n")
            raise typer.Exit(2) from None
        except ChangedElsewhereError as error:
            for problem in error.problems:
                sys.stderr.write(f"carelane: {problem.field} {problem.problem}\n")
            sys.stderr.write("carelane: nothing was applied; --overwrite takes the values of the file\n")
            raise typer.Exit(CONFLICT_EXIT_CODE) from None
        for change in changes:
            for line in change.lines():
                print(line)


@app.command()
def export(
    tenant: Annotated[str | None, typer.Argument(help="Whose; not needed where there is only one.")] = None,
    without_secrets: Annotated[
        bool, typer.Option("--without-secrets", help="Leave secrets out, instead of naming a variable for each.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Print what an organization is just now as a file that `carelane apply` takes without a difference."""
    with one_line_errors():
        from carelane.apply.export.reads import export_tenant

        print(
            with_services(
                existing(data_dir), lambda services: export_tenant(services, tenant, with_secrets=not without_secrets)
            ),
            end="",
        )


@app.command("demo-data")
def demo_data(
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make two organizations to try things with, and print their ids, keys and products. Can be repeated.

    In a new folder that is named, an installation is made for them. Where CARELANE_GATEWAY_SIMULATOR_URL says that a gateway's
    simulator listens, a third one is made that takes money through it.
    """
    with one_line_errors():
        import json

        from carelane.demo.data import demo_data as make_demo_data

        settings = read(data_dir=data_dir) if is_named(data_dir) else existing(data_dir)
        made = with_services(settings, make_demo_data, creates_key=True)
        print(json.dumps(made) if as_json else json.dumps(made, indent=2))


@app.command()
def reconcile(
    organization: Tenant = None,
    books_only: Annotated[
        bool, typer.Option("--books-only", help="Compare what is recorded here alone, and ask no gateway.")
    ] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Check that gateway, payments and ledger agree to the cent, beside a running server or alone.

    Exit status 0: they do. 1: something was found, a line for each. 2: it could not be checked.
    """
    # Whoever runs it by the clock must not take a fault of ours for a finding.
    with one_line_errors(bug_exit_code=2):
        from carelane.processes import reconcile as checking

        with checking.showing_progress() as told:
            checked = with_services(
                existing(data_dir),
                lambda services: checking.reconcile(services, organization, asks_gateways=not books_only, told=told),
            )
        for line in checking.lines(checked, as_json=as_json):
            print(line)
        raise typer.Exit(checking.FOUND if any(each.findings for each in checked) else checking.CLEAN)


@app.command("rotate-master-key")
def rotate_master_key(data_dir: DataDir = None) -> None:
    """Wrap every organization's key under a new master key. Stop the server first, and back up."""
    with one_line_errors():
        import os

        from carelane.kit.errors import MendableError
        from carelane.kit.keyring import MASTER_KEY_FILE
        from carelane.processes import database, rotate_key

        found = existing(data_dir)
        with nobody_serves(found), database.current_database(found) as settings:
            owner_url = database.require_owner_url(settings)
            new = os.environ.get(rotate_key.NEW_KEY_VARIABLE)
            if settings.master_key is None:
                count = rotate_key.rotate_file(settings, owner_url)
                key_file = settings.data_dir / MASTER_KEY_FILE
                advice = f"Back up {key_file} now. The old key is {key_file}.previous: old database backups need it."
            elif new is None:
                raise MendableError(f"{rotate_key.NEW_KEY_VARIABLE}: expected the new key, 32 bytes in base64")
            else:
                count = rotate_key.rotate_given(owner_url, settings.master_key, new)
                advice = "Put the new key into CARELANE_MASTER_KEY now. Old database backups need the old one."
        print(f"{count} data keys are under the new master key. {advice}")
        print(
            "Start every server and worker again: access tokens and links to documents and quotes given out before are no longer good."
        )


app.add_typer(simulators.app)
app.add_typer(ledger.app, name="ledger")


@app.command()
def listen(
    forward_to: Annotated[str, typer.Option("--forward-to", help="URL on this machine that gets the events.")],
    key: Annotated[
        str | None, typer.Option(envvar="CARELANE_KEY", help="An organization's key with the scope cases:read.")
    ] = None,
    server: Annotated[str, typer.Option(help="The server whose events to listen to.")] = "http://127.0.0.1:8400",
    after: Annotated[
        int | None, typer.Option(min=0, help="Position to begin behind; 0: all. Usually: from now on.")
    ] = None,
    secret: Annotated[str | None, typer.Option(help="Signs what is forwarded. Usually: a new one, printed.")] = None,
) -> None:
    """Forward an organization's events, signed as webhooks are, to a URL on this machine, until Ctrl-C."""
    with one_line_errors():
        import asyncio
        from contextlib import suppress

        from carelane.kit.errors import MendableError
        from carelane.processes.listen import ListenOptions, forward_events
        from carelane.webhooks import signing

        if key is None:
            raise MendableError("expected a key: --key, or CARELANE_KEY in the environment")
        wanted = ListenOptions(
            server=server, key=key, forward_to=forward_to, secret=secret or signing.new_secret(), after=after
        )
        print(f"secret: {wanted.secret}", flush=True)
        with suppress(KeyboardInterrupt):
            asyncio.run(forward_events(wanted, lambda line: print(line, flush=True)))


@app.command()
def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the server running until Ctrl-C.")] = False,
) -> None:
    """Start a server in a folder of its own and tell the story of a case, request by request."""
    with one_line_errors():
        from carelane.demo.running import run

        raise typer.Exit(run(keep=keep))


def main() -> None:
    # What is imported stays. By default the collector looks through all of it again with every few thousand objects more: a fifth
    # of the time that a command takes.
    gc.set_threshold(50_000)
    app()
