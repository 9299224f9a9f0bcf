"""The gateway and when money is taken, as administrators say it: without an account nothing can be charged."""

import pytest

from tests.console.test_settings import Office, version_in
from tests.console.world import sign_in
from tests.own_clinic import make_clinic

PAGE, API = "/settings/gateway", "/api/staff/settings/payment-terms"
ACCOUNT = {"mode": "test", "word": "test", "isActive": "true", "secretKey": "sk_test_terms"}


@pytest.fixture
async def office(services, ask, tmp_path):
    clinic = await make_clinic(services, tmp_path)
    return Office(services, ask, clinic, await sign_in(services, clinic, "ADMIN"))


async def policy(office):
    ((said, waits),) = await office.rows("SELECT payment_policy, order_requires_payment FROM organizations")
    return said, waits


async def test_cases_are_charged_once_there_is_an_account(office):
    form = {"policy": "hold", "orderRequiresPayment": "false"}
    refused = await office.send(f"{PAGE}/terms", 422, version=version_in(await office.see(PAGE)), **form)
    assert 'id="e-policy"' in refused.text
    await office.send(f"{PAGE}/account/change", **ACCOUNT)
    shown = await office.see(PAGE)
    assert "Cases are not charged" in shown
    await office.send(f"{PAGE}/terms", version=version_in(shown), **form)
    assert await policy(office) == ("hold", False)
    again = await office.send(f"{PAGE}/terms", 409, version=version_in(shown), policy="charge_on_approval")
    assert "held first, taken at approval" in again.text
    assert "Somebody changed this since you opened it" in again.text
    changed = await office.see("/settings/changes")
    assert "orderRequiresPayment" not in changed or "policy" in changed


async def test_the_api_says_and_changes_it(office):
    headers = {"Authorization": f"Bearer {office.member.token}"}
    await office.send(f"{PAGE}/account/change", **ACCOUNT)
    terms = (await office.ask.get(API, headers=headers)).json()
    assert (terms["policy"], terms["feeCount"]) == ("unverified", 0)
    body = {"policy": "charge_on_approval", "version": terms["version"]}
    changed = await office.ask.put(API, json=body, headers=headers)
    assert (changed.status_code, changed.json()["policy"]) == (200, "charge_on_approval")
    assert (await office.ask.put(API, json=body, headers=headers)).status_code == 409
    assert (await office.ask.put(API, json={"policy": "never"}, headers=headers)).status_code == 400
    assert (await office.ask.put(API, json=body)).status_code == 401
    support = await sign_in(office.services, office.clinic, "SUPPORT")
    refused = await office.ask.get(API, headers={"Authorization": f"Bearer {support.token}"})
    assert refused.status_code == 403
    assert (await policy(office))[0] == "charge_on_approval"


async def test_keys_of_the_gateway_go_in_and_never_out(office):
    path = "/settings/gateway/account/change"
    fields = {"mode": "test", "word": "test", "isActive": "true"}
    assert 'id="e-secretKey"' in (await office.send(path, 422, **fields)).text
    swapped = await office.send(path, 422, secretKey="sk_live_1", **fields)
    assert "sk_test_" in swapped.text
    assert "sk_live_1" not in swapped.text
    assert "Type test" in (await office.send(path, 422, secretKey="sk_test_1", **(fields | {"word": "live"}))).text
    await office.send(path, secretKey="sk_test_abc", webhookSecret="whsec_abc", **fields)
    shown = await office.see("/settings/gateway/account?mode=test")
    assert "_abc" not in shown
    version = version_in(shown)
    await office.send(path, webhookSecret="whsec_def", version=version, **fields)
    assert "the one before is good, too" in await office.see("/settings/gateway")
    await office.send(path, 409, forget="true", version=version, **fields)
    await office.send(path, forget="true", **fields)
    assert "the one before is good, too" not in await office.see("/settings/gateway")
    assert (await office.rows("SELECT is_test, is_active FROM gateway_accounts")) == [(True, True)]
    events = await office.rows("SELECT value_after FROM events WHERE type = 'GATEWAY_ACCOUNT_CHANGED' ORDER BY number")
    assert events == [("CREATED",), ("CHANGED",), ("CHANGED",)]
