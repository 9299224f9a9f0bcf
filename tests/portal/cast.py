"""A patient of a clinic of one's own, and what they do to sign in."""

import re
from typing import Any
from uuid import UUID, uuid4

import msgspec

from carelane.messages.queries import list_messages
from carelane.messages.schemas import MessageFilter
from carelane.messages.views import open_content
from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.factories.rows import insert_row

AUTH = "/api/v1/users/auth"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    email: str
    phone_number: str


async def enroll(services: Services, clinic: Clinic, **values: Any) -> Person:
    """A new patient of the clinic."""
    email, number = f"{uuid4().hex}@patient.example", f"+1212555{uuid4().int % 10_000:04}"
    known = {"email": email, "phone_number": number, "first_name": "Robin", "last_name": "Vale"} | values
    patient_id = await insert_row(services, UUID(str(clinic.organization_id)), "patients", **known)
    return Person(id=patient_id, email=known["email"], phone_number=known["phone_number"])


async def messages_to(services: Services, clinic: Clinic, person_id: UUID) -> list[tuple[str, str, str]]:
    """Channel, recipient and text of all codes for a patient, newest first."""
    organization_id = UUID(str(clinic.organization_id))
    data_key = await services.keyring.data_key(organization_id)
    async with services.db.reading(organization_id) as conn:
        wanted = MessageFilter(statuses=None, record_id=person_id)
        rows = await list_messages(conn, organization_id, wanted, None, 100)
    opened = [(row.channel, open_content(data_key, row)) for row in rows if row.kind == "SIGN_IN_CODE"]
    return [(channel, content.recipient, content.text) for channel, content in opened if content]


async def code_of(services: Services, clinic: Clinic, person_id: UUID) -> str:
    """The newest code that a patient was sent."""
    text = (await messages_to(services, clinic, person_id))[0][2]
    found = re.search(r"\b\d{6}\b", text)
    assert found
    return found[0]


async def send_code(client: CheckedClient, clinic: Clinic, email: str) -> Any:
    body = {"email": email, "channel": "EMAIL"}
    return await client.post(f"{AUTH}/send-otp", json=body, headers=clinic.key)


async def sign_in(client: CheckedClient, services: Services, clinic: Clinic, person: Person) -> dict[str, Any]:
    """The tokens."""
    assert (await send_code(client, clinic, person.email)).status_code == 200
    body = {"email": person.email, "code": await code_of(services, clinic, person.id)}
    answer = await client.post(f"{AUTH}/verify-otp", json=body, headers=clinic.key)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def enter(client: CheckedClient, services: Services, clinic: Clinic, person: Person) -> dict[str, str]:
    """The headers of a patient who signed in."""
    tokens = await sign_in(client, services, clinic, person)
    return clinic.key | {"Authorization": f"Bearer {tokens['accessToken']}"}
