"""What a process holds open: settings, database, keys, files. Made once, handed to routes and jobs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from carelane.kit.db import Database
from carelane.kit.http import Http
from carelane.kit.keyring import Keyring, create_master_key, find_master_key
from carelane.kit.phi import MasterKey
from carelane.kit.storage import Storage
from carelane.settings import Settings

_LOOPBACK = "127.0.0.0/8, ::1/128"


class Services(msgspec.Struct, frozen=True):
    settings: Settings
    db: Database
    master_key: MasterKey
    keyring: Keyring
    storage: Storage
    http: Http
    # For the simulators that our own settings name: they may listen on loopback, where nothing else may be reached.
    simulator_http: Http
    token_key: bytes
    link_key: bytes
    quote_link_key: bytes
    calendar_link_key: bytes
    payment_link_key: bytes
    bill_link_key: bytes
    staff_link_key: bytes
    form_key: bytes

    def __repr__(self) -> str:
        return "Services(***)"


def make_services(settings: Settings) -> Services:
    """Opens nothing yet. `settings.database_url` must be set: whoever starts the process knows the database."""
    if settings.database_url is None:
        raise ValueError("CARELANE_DATABASE_URL: expected a PostgreSQL URL")
    # Processes that start on a database have found before that the key is the one it is under.
    master_key = find_master_key(settings.data_dir, settings.master_key) or create_master_key(settings.data_dir)
    db = Database(settings.database_url, settings.connections_per_worker, pooled=settings.database_pooled)
    return Services(
        settings=settings,
        db=db,
        master_key=master_key,
        keyring=Keyring(master_key, db),
        storage=Storage(settings.documents_url, settings.data_dir),
        http=_http(settings.allowed_networks),
        simulator_http=_http(f"{_LOOPBACK},{settings.allowed_networks}"),
        token_key=master_key.derive("bearer tokens"),
        link_key=master_key.derive("document links"),
        quote_link_key=master_key.derive("quote links"),
        calendar_link_key=master_key.derive("calendar links"),
        payment_link_key=master_key.derive("payment links"),
        bill_link_key=master_key.derive("links to bills and receipts"),
        staff_link_key=master_key.derive("staff links"),
        form_key=master_key.derive("console forms"),
    )


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Services with the database open, closed again at the end of the block."""
    services = make_services(settings)
    await services.db.open()
    try:
        yield services
    finally:
        await services.http.close()
        await services.simulator_http.close()
        await services.db.close()


def _http(allowed_networks: str) -> Http:
    try:
        return Http(allowed_networks)
    except ValueError as error:
        raise ValueError(f"CARELANE_ALLOWED_NETWORKS: {error}") from None
