"""Merging while everything else goes on."""

import asyncio
from collections import Counter

import httpx
import pytest

from tests.cases.bodies import case_body, with_user
from tests.patients.conftest import new_email


@pytest.mark.parametrize("time", [1, 2, 3])
async def test_while_all_goes_on_nothing_is_left_behind(server, here, manager, case_of, sell, rows, time):
    """Cases and carts are made, carts converted, and both ways of the merge are tried, at once."""
    email = new_email()
    _, one = await case_of(email, dob="1990-05-15")
    _, two = await case_of(email, dob="1990-05-16")
    body = with_user(case_body(here.product_id, forceCreate=True), email=email)
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as crowd:

        async def buy(patient_id):
            cart = {"patientId": patient_id, "items": [{"itemId": here.item_id}]}
            made = await crowd.post("/billing/cart", json=cart, headers=here.billing)
            assert made.status_code == 200, made.text
            cart_id = made.json()["id"]
            url = f"/billing/cart/{cart_id}/convert-to-charge"
            return await crowd.post(url, json={"cartId": cart_id}, headers=here.billing)

        def merge(kept, other):
            url = f"/api/staff/patients/{kept}/merge"
            return crowd.post(url, json={"otherId": other}, headers=manager.headers)

        acts = [buy(patient_id) for patient_id in (one, two) * 6]
        acts += [
            crowd.post("/api/v1/cases", json=with_user(body, dob=f"1990-05-{15 + number % 2}"), headers=here.key)
            for number in range(12)
        ]
        acts[8:8] = [merge(one, two), merge(two, one), merge(one, two)]
        answers = await asyncio.gather(*acts)
    merges = [answer.status_code for answer in answers if "/merge" in str(answer.url)]
    assert sorted(merges) == [200, 409, 409]
    others = Counter(answer.status_code for answer in answers if "/merge" not in str(answer.url))
    assert others == {200: 24}
    ((kept, other),) = await rows("SELECT kept_id, merged_id FROM patient_merges WHERE organization_id = %s")
    for table, count in (("cases", 14), ("carts", 12), ("charges", 12)):
        statement = f"SELECT patient_id, count(*) FROM {table} WHERE organization_id = %s GROUP BY 1"
        found = dict(await rows(statement))
        assert (found.get(kept), found.get(other)) == (count, None), table


async def test_an_undo_and_another_merge_at_once_are_one_after_the_other(server, manager, case_of, merge, owned):
    (_, one), (_, two), (_, three) = [await case_of(new_email()) for _ in range(3)]
    first = await merge(two, one)
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as crowd:
        undone, merged = await asyncio.gather(
            crowd.post(f"/api/staff/patient-merges/{first['id']}/undo", headers=manager.headers),
            crowd.post(f"/api/staff/patients/{three}/merge", json={"otherId": two}, headers=manager.headers),
        )
    assert merged.status_code == 200, merged.text
    expected = {200: [1, 0, 2], 409: [0, 0, 3]}
    counts = [(await owned(patient))["cases"] for patient in (one, two, three)]
    assert counts == expected[undone.status_code]
