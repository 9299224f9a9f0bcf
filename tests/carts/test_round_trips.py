"""How often an act on a cart waits for the database, whatever the number of its lines."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from carelane.services import Services
from tests.cast import Clinic
from tests.detail.test_round_trips import tapped_client
from tests.factories.carts import CART, convert_cart, item, make_cart

Act = Callable[[httpx.AsyncClient, Clinic], Awaitable[object]]


async def _create_1(client: httpx.AsyncClient, own: Clinic) -> object:
    return await make_cart(client, own, item(own), creatorId=own.creator_id, id=None)


async def _create_100(client: httpx.AsyncClient, own: Clinic) -> object:
    return await make_cart(client, own, *[item(own)] * 100, creatorId=own.creator_id)


async def _list(client: httpx.AsyncClient, own: Clinic) -> object:
    return await client.get(CART, headers=own.billing)


async def _search(client: httpx.AsyncClient, own: Clinic) -> object:
    return await client.get(CART, params={"search": "robin"}, headers=own.billing)


@pytest.mark.parametrize(("act", "trips"), [(_create_1, 2), (_create_100, 2), (_list, 2), (_search, 2)])
async def test_an_act_takes_so_many_round_trips(services: Services, tmp_path: Path, own: Clinic, act: Act, trips: int):
    async with tapped_client(services, tmp_path) as (client, tap):
        await act(client, own)
        counts = []
        # With a full minute the limit of requests is asked for another portion, which is one more.
        for _ in range(3):
            before = tap.round_trips
            await act(client, own)
            counts.append(tap.round_trips - before)
        assert min(counts) == trips
        assert sum(counts) <= 3 * trips + 1


async def test_changing_and_converting_wait_seldom(services: Services, tmp_path: Path, own: Clinic):
    async with tapped_client(services, tmp_path) as (client, tap):
        counts = []
        for _ in range(3):
            cart = await make_cart(client, own, *[item(own)] * 10)
            line, before = f"{CART}/{cart['id']}/items/{cart['items'][0]['id']}", tap.round_trips
            assert (await client.put(line, json={"quantity": 2}, headers=own.billing)).status_code == 200
            changed = tap.round_trips
            assert (await convert_cart(client, own, cart["id"])).status_code == 200
            counts.append((changed - before, tap.round_trips - changed))
        assert min(counts[1:]) == (2, 4)
