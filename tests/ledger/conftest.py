"""A clinic with books of its own."""

from uuid import UUID

import psycopg
import pytest

from carelane.kit.auth import system_actor
from carelane.ledger.actions import post
from tests.own_clinic import make_clinic


@pytest.fixture(scope="module")
async def shop(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
async def shop_id(shop):
    return UUID(shop.organization_id)


@pytest.fixture
def put(services, shop_id):
    """Posts entries in a transaction of their own."""

    async def put(*entries, organization_id=shop_id):
        async with services.db.transaction(system_actor(organization_id)) as conn:
            return await post(conn, organization_id, *entries)

    return put


@pytest.fixture
def read(services, shop_id):
    """Calls one of the ledger's reads."""

    async def read(function, *arguments, organization_id=shop_id):
        async with services.db.reading(organization_id) as conn:
            return await function(conn, organization_id, *arguments)

    return read


@pytest.fixture
def owner(owner_url):
    """The tables' owner, who may say when something happened."""
    with psycopg.connect(owner_url, autocommit=True) as conn:
        yield conn
