"""A clinic of the test's own whose gateway tells nothing by itself."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from tests.payments.world import Till, open_till


@pytest_asyncio.fixture
async def quiet(counter, bank, hands, tmp_path_factory) -> AsyncIterator[Till]:
    """Its books need not be in order when the test ends."""
    async with httpx.AsyncClient(base_url=counter.url, timeout=30) as http:
        yield await open_till(hands, http, bank, tmp_path_factory.mktemp("quiet"))
