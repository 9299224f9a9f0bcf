"""Charges that are sold without a cart, of 1, 10 and 100 lines: on the server of the carts, among their patients."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx

from bench import limit
from bench.limit import Change
from bench.load import Load
from bench.recording import STAMP, record
from bench.rows import NEW_STAMP, Row
from bench.server import Server

CREATE = {1: "create charge, 1 line", 10: "create charge, 10 lines", 100: "create charge, 100 lines"}
NAMES = tuple(CREATE.values())
_PATH = "/billing/payment-terminal/charge/create"


def rows(server: Server, folder: Path, only: str) -> Iterator[Row]:
    """Each is made when its turn comes."""
    return (asyncio.run(create(server, folder, lines)) for lines, name in CREATE.items() if only in name)


async def create(server: Server, folder: Path, lines: int) -> Row:
    """The same body each time; a charge without a name gets an id of its own."""
    clinic = server.clinic
    items = [
        {"itemId": clinic.product_id, "quantity": 1 + n, "price": 15_900, "discountPercentage": n % 30}
        for n in range(lines)
    ]
    body = {"patientId": clinic.patient_id, "creatorId": clinic.creator_id, "discountPercentage": 10, "items": items}

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        """What the lines come to is what the refusal of another total says; it is asked for before anything is recorded."""
        if "totalOutstanding" not in body:
            refused = (await client.post(_PATH, json=body | {"totalOutstanding": -1})).json()
            body["totalOutstanding"] = int(refused["detail"][0]["msg"].split()[1].rstrip(","))
        return await client.post(_PATH, json=body)

    file = folder / f"charge-{lines}.json"
    trips = await record(server, ask)
    file.write_text(json.dumps(body))
    return Row(
        name=CREATE[lines],
        load=Load(path=_PATH, script="post.lua", arguments=[str(file)]),
        script=limit.write_script(server.database, trips, [Change(STAMP, "stamp")], NEW_STAMP),
        lines=lines,
    )
