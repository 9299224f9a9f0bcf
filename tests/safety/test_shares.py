"""However many requests of one organization hold the database's connections, another's are answered at once.

Nothing is told by a clock: the requests of the one are held at a locked row, and must still be there when the other's are done.
"""

import asyncio
from uuid import UUID

import httpx

from tests.door import closed
from tests.own_clinic import make_clinic

# More than the connections of all processes, so that in each of them some wait for their turn.
HELD = 48
ASKED = 20
LIST = "/user/patient/table?per_page=1"


async def test_an_organization_that_holds_its_share_is_not_in_the_way_of_another(
    client, services, server, owner_url, tmp_path
):
    noisy, quiet = [await make_clinic(services, tmp_path, requestsPerMinute=1_000_000) for _ in range(2)]

    async def write():
        headers = {"API-KEY": noisy.api_key, "TENANT": noisy.tenant}
        answer = await client.put(f"/user/patient/{noisy.patient_id}", json={"last_name": "Vale"}, headers=headers)
        return answer.status_code

    async with closed(owner_url, "patients", UUID(noisy.patient_id)) as door:
        writing = [asyncio.create_task(write()) for _ in range(HELD)]
        # Three quarters of eight connections in each of two processes.
        await door.until(12)
        for _ in range(ASKED):
            # A connection of its own each time, so that each process is asked.
            async with httpx.AsyncClient(base_url=server.url, timeout=5) as stranger:
                answer = await stranger.get(LIST, headers={"API-KEY": quiet.api_key, "TENANT": quiet.tenant})
            assert answer.status_code == 200, answer.text
        assert not any(task.done() for task in writing)
        door.open()
        assert set(await asyncio.gather(*writing)) == {200}
