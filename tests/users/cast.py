"""What a storefront sends about a user, and how."""

from typing import Any

import httpx

from tests.cast import Clinic
from tests.contract import CheckedClient

USERS = "/api/v1/users"
CHECK = "/api/v1/check-user"


def user(email: str, **members: Any) -> dict[str, Any]:
    """All seventeen members."""
    return {
        "email": email,
        "firstName": "Iris",
        "lastName": "Marker",
        "dob": "1988-02-29",
        "gender": "FEMALE",
        "phoneNumber": "+12125550142",
        "address": "1 Pier Street",
        "address2": "Apt 2",
        "city": "New York",
        "state": "NY",
        "country": "US",
        "postalCode": "10004",
        "allergies": "Penicillin",
        "currentMedications": "Zephyrol",
        "healthConditions": "Asthma",
        "languagePreferences": ["ENGLISH", "SPANISH"],
        "communication": {"smsNotificationsDisabled": True, "emailNotificationsDisabled": False},
    } | members


async def act(client: CheckedClient, clinic: Clinic, action: str, data: Any, **headers: str) -> httpx.Response:
    return await client.post(USERS, json={"action": action, "data": data}, headers=clinic.key | headers)


async def done(client: CheckedClient, clinic: Clinic, action: str, data: Any) -> dict[str, Any]:
    """The user in the answer to an act that must succeed."""
    answer = await act(client, clinic, action, data)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()["data"]["user"]
    return told


async def listed(client: CheckedClient, clinic: Clinic, **query: Any) -> dict[str, Any]:
    answer = await client.get(USERS, params=query, headers=clinic.key)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def fields_of(answer: httpx.Response) -> set[str]:
    return {problem["field"] for problem in answer.json()["errors"]}
