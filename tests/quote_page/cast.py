"""A clinic, its patient and a browser without scripts."""

import re
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec

from carelane.quotes.page.access import PATH, QuoteLink, token_of
from carelane.services import Services
from tests.cast import Clinic
from tests.factories.rows import insert_row
from tests.own_clinic import make_clinic

NAME, BIRTH = {"last_name": "Vale"}, {"year": "1985", "month": "3", "day": "27"}
RIGHT = NAME | BIRTH
WRONG = NAME | BIRTH | {"day": "28"}
USUAL_PATIENT = {
    "first_name": "Robin",
    "last_name": "Vale",
    "date_of_birth": "1985-03-27",
    "phone_number": "+15550100123",
}


class Reader:
    """One browser: keeps cookies, follows redirects."""

    def __init__(self, url: str, services: Services) -> None:
        self.client = httpx.AsyncClient(base_url=url, follow_redirects=True, timeout=30)
        self._key = services.quote_link_key

    def path_of(self, clinic: Clinic, quote_id: UUID) -> str:
        return f"{PATH}/{token_of(self._key, QuoteLink(UUID(clinic.organization_id), quote_id))}"

    async def verified(self, path: str) -> httpx.Response:
        return await self.client.post(f"{path}/verify", data=RIGHT)

    async def answer(self, path: str, answer: str, revision: int = 1, **fields: str) -> httpx.Response:
        return await self.client.post(f"{path}/respond", data={"answer": answer, "revision": str(revision), **fields})


async def clinic_of(services: Services, folder: Path, **patient: Any) -> Clinic:
    """A clinic whose patient is as told."""
    clinic = await make_clinic(services, folder, name="Harbor & Sons")
    values = USUAL_PATIENT | {"primary_location_id": clinic.location_id} | patient
    patient_id = await insert_row(services, UUID(clinic.organization_id), "patients", **values)
    return msgspec.structs.replace(clinic, patient_id=str(patient_id))


def text_of(response: httpx.Response) -> str:
    """What a reader sees, in one line."""
    body = response.text.partition("<body>")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


async def rows_of(services: Services, clinic: Clinic, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """As the application sees them; `statement` asks within one organization, which is its first value."""
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        return await (await conn.execute(statement, (clinic.organization_id, *values))).fetchall()
