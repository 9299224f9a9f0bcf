"""What the tests of listeners have in common."""

from typing import NamedTuple
from uuid import UUID, uuid4

from carelane import events
from carelane.kit.auth import system_actor

URL = "/webhook/decoda"


class Listener(NamedTuple):
    id: str
    path: str
    secret: str


async def create_patient(client, clinic, **members):
    body = {"firstName": "Ida", "lastName": "Moss", "email": f"{uuid4().hex}@patient.example"} | members
    answer = await client.post("/user/patient/create", json=body, headers=clinic.billing)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def record(services, clinic, actor=None, **event):
    actor = actor or system_actor(UUID(clinic.organization_id))
    async with services.db.transaction(actor) as conn:
        await events.record(conn, events.new_event(actor, event.pop("type"), event.pop("case_id", None), **event))
