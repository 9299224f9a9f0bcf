"""A clinic whose clinicians can be booked, patients with cases, and what a storefront asks about their appointments."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec

from carelane.kit import clock
from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.factories.cases import case_body
from tests.own_clinic import make_clinic

CALENDAR = "/api/v1/calendar"
FREE = f"{CALENDAR}/provider-availability"
APPOINTMENTS = f"{CALENDAR}/appointments"
CANCEL, RESCHEDULE = f"{APPOINTMENTS}/cancel", f"{APPOINTMENTS}/reschedule"

EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ALWAYS = {"timezone": "America/New_York", "hours": [{"days": EVERY_DAY, "from": "00:00", "to": "24:00"}]}


def clinician(first_name: str, *states: str, **availability: Any) -> dict[str, Any]:
    """An entry of `staff`: somebody who is there day and night, in appointments of half an hour."""
    return {
        "email": f"{uuid4().hex}@staff.example",
        "firstName": first_name,
        "lastName": "Berg",
        "title": "Dr.",
        "role": "CASEWORKER",
        "takesCases": False,
        "licenses": [{"state": state, "number": f"{state}-1", "expiresOn": "2199-12-31"} for state in states],
        "availability": ALWAYS | availability,
    }


async def clinic_of(services: Services, folder: Path, *staff: dict[str, Any]) -> Clinic:
    return await make_clinic(services, folder, name="Harbor & Sons", parts={"staff": list(staff)})


class Storefront(msgspec.Struct, frozen=True):
    """What one clinic's storefront does."""

    client: CheckedClient
    clinic: Clinic

    async def get(self, url: str, **params: str) -> httpx.Response:
        return await self.client.get(url, params=params, headers=self.clinic.key)

    async def post(self, url: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        return await self.client.post(url, json=body, headers=self.clinic.key | headers)

    async def patient(self, state: str = "NY", **members: Any) -> str:
        """The e-mail of a new patient with an open case."""
        return (await self.patient_and_case(state, **members))[0]

    async def patient_and_case(self, state: str = "NY", **members: Any) -> tuple[str, UUID]:
        body = case_body(self.clinic.product_id, **members)
        zip_code = {"NY": "10004", "CA": "94102"}[state]
        body["user"]["shippingAddress"] |= {"state": state, "postalCode": zip_code}
        answer = await self.post("/api/v1/cases", body)
        assert answer.status_code == 200, answer.text
        return body["user"]["email"], UUID(answer.json()["data"]["caseId"])

    async def clinicians(self, states: str = "NY", **params: str) -> list[dict[str, Any]]:
        answer = await self.get(FREE, provider_states=states, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def free(self, event_type_id: str, days: int = 2, states: str = "NY") -> list[str]:
        """The beginnings of the free times from tomorrow on."""
        begins_at = clock.now().replace(microsecond=0) + timedelta(days=1)
        times = {"start_time": begins_at.isoformat(), "end_time": (begins_at + timedelta(days=days)).isoformat()}
        (found,) = await self.clinicians(states, event_type_id=event_type_id, **times)
        return [one["startTime"] for one in found["availableTimes"]]

    async def book(self, email: str, event_type_id: str, start_time: str, **changed: Any) -> httpx.Response:
        return await self.post(APPOINTMENTS, booking(email, event_type_id, start_time, **changed))

    async def booked(self, email: str | None = None, event_type_id: str | None = None, at: int = 0) -> dict[str, Any]:
        """An appointment at the free time number `at`, of a new patient unless told."""
        event_type_id = event_type_id or (await self.clinicians())[0]["eventTypeId"]
        start_time = (await self.free(event_type_id))[at]
        answer = await self.book(email or await self.patient(), event_type_id, start_time)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def listed(self, email: str) -> list[dict[str, Any]]:
        answer = await self.get(APPOINTMENTS, user_email=email)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def told(self, event: str) -> list[dict[str, Any]]:
        """The events of this name that the feed has by now."""
        answer = await self.get("/api/v1/events", limit="100")
        return [one for one in answer.json()["data"]["events"] if one["event"] == event]


def booking(email: str, event_type_id: str, start_time: str, **changed: Any) -> dict[str, Any]:
    usual = {"eventTypeId": event_type_id, "startTime": start_time, "email": email, "timezone": "America/Chicago"}
    names = {"firstName": "Iris", "lastName": "Marker", "location": "google_conference"}
    return usual | names | changed


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def text_of(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
