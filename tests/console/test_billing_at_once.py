"""Two people at one charge or credit: who comes second acts on what they have seen, or is told what changed."""

import re
from uuid import UUID

import httpx
import pytest

from carelane.sessions.access import COOKIE
from tests.console.world import sign_in
from tests.door import in_turn
from tests.factories.charges import line, make_charge
from tests.own_clinic import make_clinic

URL = "/console/billing"
ADJUST = "/billing/adjustment/create"
ACTS = {
    "void": {"void-reason": "Sold twice", "void-again": "159.00"},
    "write-off": {"off-reason": "Moved away", "off-again": "159.00"},
    "archive": {"archive-again": "159.00"},
    "adjust": {"adjust-way": "less", "adjust-amount": "5", "adjust-reason": "The wait was long"},
    "pay": {"pay-amount": "100", "pay-medium": "CASH"},
}


@pytest.fixture(scope="module")
async def clinic(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("at-once"))


@pytest.fixture(scope="module")
async def ines(services, clinic):
    return await sign_in(services, clinic, "ADMIN")


@pytest.fixture
def look(client, ines):
    async def get(path) -> str:
        answer = await client.get(f"{URL}/{path}", cookies={COOKIE.name: ines.token})
        assert answer.status_code == 200, answer.text[:1000]
        return answer.text

    return get


@pytest.fixture
def send(client, ines):
    async def post(path, fields) -> httpx.Response:
        headers = {"Cookie": f"{COOKIE.name}={ines.token}", "Sec-Fetch-Site": "same-origin"}
        return await client.post(f"{URL}/{path}", data={"form_token": ines.form_token, **fields}, headers=headers)

    return post


@pytest.fixture
async def owed(services, clinic):
    """$159.00 that nothing was paid on."""
    return await make_charge(services, clinic, line(product_id=UUID(clinic.item_id)))


def seen(html):
    return {"seen": re.search(r'name="seen" value="([^"]+)"', html)[1]}


@pytest.mark.parametrize("act", ACTS)
async def test_a_charge_that_a_colleague_adjusts_meanwhile_stays_as_they_leave_it(
    look, send, client, clinic, owner_url, owed, act
):
    """Both stand before its row, so what is asked of the charge before the act would not find the colleague's change."""
    page = f"charges/{owed}"
    html = await look(page)
    less = {"chargeId": str(owed), "amount": -900, "reason": "The wait was long"}
    first = client.post(ADJUST, json=less, headers=clinic.billing)
    adjusted, late = await in_turn(owner_url, "charges", owed, first, send(f"{page}/{act}", seen(html) | ACTS[act]))
    assert adjusted.status_code == 200, adjusted.text
    assert late.status_code == 409, late.text[:1000]
    assert "Outstanding was $159.00, and is $150.00" in late.text
    assert seen(await look(page)) == {"seen": "OUTSTANDING.15900.15000.USD"}


async def test_credit_that_a_colleague_changes_meanwhile_is_not_taken_back(look, send, client, clinic, owner_url):
    account = f"patients/{clinic.patient_id}"
    credits_ = f"/user/patient/{clinic.patient_id}/credit"
    given = await client.post(credits_, json={"amount": 3000}, headers=clinic.billing)
    credit_id = given.json()["id"]
    first = client.patch(f"{credits_}/{credit_id}", json={"amount": 5000}, headers=clinic.billing)
    taken = send(f"{account}/take-credit", {"creditId": credit_id, f"take-{credit_id}": "30.00"})
    changed, late = await in_turn(owner_url, "patient_credits", UUID(credit_id), first, taken)
    assert changed.status_code == 200, changed.text
    assert late.status_code == 422, late.text[:1000]
    assert "Type the amount: $50.00. Nothing was changed." in late.text
    assert "$50.00" in await look(account)
