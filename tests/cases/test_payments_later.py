"""The paths of payments answer that payments come later, to whoever has a key."""

import pytest

PATHS = ("/api/v1/payments/intent", "/api/v1/payments/setup", "/api/v1/customer-payment-confirmation")


@pytest.mark.parametrize("path", [*PATHS, "/initiatePayment"])
async def test_not_yet(client, clinic, path):
    answer = await client.post(path, json={"amount": 0.5}, headers=clinic.key)
    assert answer.status_code == 501
    told = answer.json()
    assert (told["status"], told["success"], told["code"]) == (501, False, "NOT_IMPLEMENTED")
    assert "payments come with a later version" in told["error"]
    assert (await client.post(path, json={}, headers={"cv-api-key": "cvk_wrong"})).status_code == 401


async def test_the_key_in_the_body(client, clinic):
    body = {"amount": 0.5, "key": clinic.api_key}
    assert (await client.post("/initiatePayment", json=body)).status_code == 501
