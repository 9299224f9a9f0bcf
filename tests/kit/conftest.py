"""Outgoing HTTP, allowed to reach this machine and not."""

import pytest_asyncio

from carelane.kit.http import Http


@pytest_asyncio.fixture
async def loopback():
    """May reach this machine."""
    http = Http("127.0.0.0/8, ::1/128")
    yield http
    await http.close()


@pytest_asyncio.fixture
async def public():
    """As the settings are by default."""
    http = Http()
    yield http
    await http.close()
