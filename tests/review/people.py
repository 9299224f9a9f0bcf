"""The people of a clinic, each with a session, and what they do with a case over HTTP."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import httpx

from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.factories.accounts import bearer
from tests.factories.staff import add_license, hire

NPI = "1234567893"
LONG = date(2199, 12, 31)


class Person(NamedTuple):
    """A member of staff who is signed in."""

    id: UUID
    name: str
    headers: dict[str, str]


async def sign_in(services: Services, clinic: Any, staff_id: UUID, name: str) -> Person:
    return Person(staff_id, name, await bearer(services, UUID(str(clinic.organization_id)), staff_id))


async def employ(
    services: Services,
    clinic: Clinic,
    first_name: str,
    *,
    licenses: dict[str, date] | None = None,
    **values: Any,
) -> Person:
    """A clinician with an NPI and a licence in New York, where the patients live; or whatever the caller says."""
    organization_id = UUID(str(clinic.organization_id))
    staff_id = await hire(services, organization_id, first_name, "Berg", **({"npi": NPI} | values))
    for state, expires_on in ({"NY": LONG} if licenses is None else licenses).items():
        await add_license(services, organization_id, staff_id, state, expires_on)
    return await sign_in(services, clinic, staff_id, f"{first_name} Berg")


class Desk:
    """One case, and the acts on it."""

    def __init__(self, client: CheckedClient, case_id: UUID) -> None:
        self.client = client
        self.case_id = case_id

    async def act(self, person: Person, name: str, body: Any = None) -> httpx.Response:
        url = f"/api/staff/cases/{self.case_id}/{name}"
        return await self.client.post(url, json=body, headers=person.headers)

    async def done(self, person: Person, name: str, body: Any = None) -> dict[str, Any]:
        """The answer's body to an act that must succeed."""
        answer = await self.act(person, name, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def read(self, person: Person) -> dict[str, Any]:
        answer = await self.client.get(f"/api/staff/cases/{self.case_id}", headers=person.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def why(self, person: Person) -> dict[str, Any]:
        answer = await self.client.get(f"/api/staff/cases/{self.case_id}/why", headers=person.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


class Reader:
    """Somebody at the page of a case, in a browser without script."""

    def __init__(self, client: httpx.AsyncClient, path: str, token: str) -> None:
        self.client, self.path, self.token = client, path, token

    async def open(self, query: str = "") -> str:
        answer = await self.client.get(self.path + query)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def press(self, act: str, /, **fields: str) -> httpx.Response:
        return await self.client.post(f"{self.path}/{act}", data={"form_token": self.token} | fields)


def decision(product_id: str, outcome: str = "APPROVED", **members: Any) -> dict[str, Any]:
    """A good decision; an approval prescribes."""
    usual: dict[str, Any] = {"productId": product_id, "outcome": outcome, "decisionText": "Reviewed with care"}
    if outcome == "APPROVED":
        medicine = {"medicine": "Zephyrol", "dosage": "5 mg", "refillCount": 2, "dosingFrequency": "daily"}
        usual |= {"startDate": "2026-11-01", "endDate": "2199-11-01", "medInfo": [medicine]}
    return usual | members


def acts(case: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    """What happened to the case after its creation: name, value before, value after."""
    return [(act["type"], act["valueBefore"], act["valueAfter"]) for act in case["activity"]][1:]
