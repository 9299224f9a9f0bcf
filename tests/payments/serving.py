"""What tests of payments have in common: the services of a server that speaks with the gateway's simulator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import Services, open_services
from carelane.settings import read_settings
from tests.server import RunningServer


@asynccontextmanager
async def services_of(server: RunningServer) -> AsyncIterator[Services]:
    """The same database, keys and gateways as the server's."""
    named = {name: value for name, value in server.settings.items() if name.startswith(("database_", "gateway_"))}
    url = {"database_url": EmbeddedPostgres(server.data_dir).application_url}
    settings = read_settings({}, data_dir=server.data_dir, **(url | named))
    async with open_services(settings) as services:
        yield services
