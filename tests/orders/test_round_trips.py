"""How often place order waits for the database, with and without the header."""

from tests.detail.test_round_trips import tapped_client
from tests.factories.cases import case_body
from tests.orders.bodies import order_body


async def count(tap, sending) -> int:
    before = tap.round_trips
    assert (await sending).status_code == 200
    return tap.round_trips - before


async def test_an_order_takes_three_round_trips_and_one_more_with_the_header(shop, case_id, services, tmp_path):
    path, key = f"/api/v1/cases/{case_id}", shop.clinic.key
    async with tapped_client(services, tmp_path) as (client, tap):
        await client.post(path, json=order_body(), headers=key)
        assert await count(tap, client.post(path, json=order_body(), headers=key)) == 3
        with_header = key | {"Idempotency-Key": "round-trips"}
        assert await count(tap, client.post(path, json=order_body(), headers=with_header)) == 4


async def test_create_case_pays_for_the_header_only_when_it_is_sent(shop, services, tmp_path):
    key = shop.clinic.key
    async with tapped_client(services, tmp_path) as (client, tap):
        for expected, headers in ((None, key), (2, key), (3, key | {"Idempotency-Key": "case-round-trips"})):
            body = case_body(shop.clinic.product_id)
            trips = await count(tap, client.post("/api/v1/cases", json=body, headers=headers))
            assert expected in (None, trips)
