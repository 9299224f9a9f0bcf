"""The worlds that the tests look at and act in."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.console.world import FEW_CASES, World, make_world


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(services, client, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A clinic with more cases than a page shows. It is looked at only."""
    return await make_world(services, client, tmp_path_factory.mktemp("world"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def acted_world(services, client, tmp_path_factory: pytest.TempPathFactory) -> World:
    """One in which forms are sent."""
    return await make_world(services, client, tmp_path_factory.mktemp("acted"), FEW_CASES)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ask(server) -> AsyncIterator[httpx.AsyncClient]:
    """Keeps no cookies: each request brings its own."""
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        yield client
