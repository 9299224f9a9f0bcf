"""How often create case waits for the database, and how often it speaks to it."""

import pytest

from tests.cases.bodies import case_body, question, with_questions
from tests.detail.test_round_trips import tapped_client


@pytest.mark.parametrize("is_pooled", [False, True])
async def test_a_case_with_a_known_form_takes_two_round_trips_in_two_pieces(services, tmp_path, clinic, is_pooled):
    async with tapped_client(services, tmp_path, database_pooled=is_pooled) as (client, tap):

        async def create() -> tuple[int, int]:
            before = tap.round_trips, tap.pieces
            body = with_questions(case_body(clinic.product_id), question("How much do you weigh?", "138 lbs", phi=True))
            assert (await client.post("/api/v1/cases", json=body, headers=clinic.key)).status_code == 200
            return tap.round_trips - before[0], tap.pieces - before[1]

        await create()
        assert await create() == (2, 2)
