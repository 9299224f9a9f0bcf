"""Fees as administrators say them: on their page and by the staff API, and what the organization file makes of that."""

import pytest

from tests.console.test_catalog_kept import changes
from tests.console.test_settings import Office, version_in
from tests.console.world import sign_in
from tests.own_clinic import make_clinic

PAGE, API = "/settings/gateway/fees", "/api/staff/settings/fees"
SHIPPING = {"kind": "shipping", "amount": "10.00"}


@pytest.fixture
async def office(services, ask, tmp_path):
    said = {"payments": {"policy": "unverified", "fees": [SHIPPING]}}
    clinic = await make_clinic(services, tmp_path, parts=said)
    return Office(services, ask, clinic, await sign_in(services, clinic, "ADMIN"))


def lines(*fees):
    """As a browser sends them, with an empty line at the end."""
    filled = [*fees, ("", "", "")]
    return {
        f"fees[{index}].{name}": text
        for index, fee in enumerate(filled)
        for name, text in zip(("kind", "amount", "label"), fee, strict=True)
    }


async def kept(office):
    ((fees,),) = await office.rows("SELECT payment_fees FROM organizations")
    return [(fee["kind"], fee["amount_cents"], fee.get("label")) for fee in fees]


async def test_fees_are_made_changed_and_taken_away_and_apply_sees_it(office):
    version = version_in(await office.see(PAGE))
    more = lines(("shipping", "$12.50", ""), ("other", "5", "Lab kit"))
    await office.send(f"{PAGE}/change", version=version, **more)
    assert await kept(office) == [("shipping", 1250, None), ("other", 500, "Lab kit")]
    told = await office.see("/settings/gateway")
    assert "<dt>Shipping</dt><dd>$12.50</dd><dt>Lab kit</dt><dd>$5.00</dd>" in told
    stale = await office.send(f"{PAGE}/change", 409, version=version, **lines(("shipping", "11", "")))
    assert changes(stale.text)["Fees"] == ("Lab kit 5.00, Shipping 12.50", "Shipping 11.00")
    assert 'value="11.00"' in stale.text
    file = f"""
organization: {{tenant: {office.clinic.tenant}, name: Own Clinic, casePrefix: OWN}}
payments: {{policy: unverified, fees: [{{kind: shipping, amount: "%s"}}]}}
"""
    same = await office.send("/settings/changes/check", 200, files={"file": ("a.yaml", file % "10.00")})
    assert "Stays as it is here." in same.text
    other = await office.send("/settings/changes/check", 200, files={"file": ("a.yaml", file % "11.00")})
    assert "Both changed it." in other.text
    await office.send(f"{PAGE}/change", version=version_in(stale.text), **lines(("shipping", "", "")))
    assert await kept(office) == []
    events = await office.rows("SELECT value_after FROM events WHERE type = 'ORGANIZATION_CHANGED' ORDER BY number")
    assert events[-2:] == [("CHANGED",), ("CHANGED",)]


async def test_what_is_wrong_is_told_at_its_line(office):
    wrong = lines(("shipping", "none", ""), ("other", "5", ""), ("pharmacy", "0", ""), ("", "3", ""))
    refused = await office.send(f"{PAGE}/change", 422, **wrong)
    assert 'id="e-fees[0].amount"' in refused.text
    assert 'id="e-fees[3].kind"' in refused.text
    refused = await office.send(f"{PAGE}/change", 422, **lines(("other", "5", ""), ("pharmacy", "0", "")))
    assert 'id="e-fees[0].label"' in refused.text
    assert 'id="e-fees[1].amount"' in refused.text
    twice = await office.send(f"{PAGE}/change", 422, **lines(("shipping", "5", ""), ("shipping", "6", "")))
    assert 'id="e-fees[1].kind"' in twice.text
    assert await kept(office) == [("shipping", 1000, None)]


async def test_a_fee_of_the_currency_before_is_no_fee_of_this_one(office):
    await office.send("/settings/change", name="Own Clinic", casePrefix="OWN", currency="EUR", assignmentPolicy="none")
    shown = await office.see(PAGE)
    assert 'value="10.00 USD"' in shown
    await office.send(f"{PAGE}/change", 422, version=version_in(shown), **lines(("shipping", "10.00 USD", "")))


async def test_the_api_says_and_changes_them(office):
    headers = {"Authorization": f"Bearer {office.member.token}"}
    there = (await office.ask.get(API, headers=headers)).json()
    assert there["fees"] == [SHIPPING | {"currency": "USD", "label": None}]
    body = {"fees": [{"kind": "syringeKit", "amount": "3.5"}], "version": there["version"]}
    changed = await office.ask.put(API, json=body, headers=headers)
    assert (changed.status_code, changed.json()["fees"][0]["amount"]) == (200, "3.50")
    assert (await office.ask.put(API, json=body, headers=headers)).status_code == 409
    assert (
        await office.ask.put(API, json={"fees": [{"kind": "tip", "amount": "1"}]}, headers=headers)
    ).status_code in {400, 422}
    assert (await office.ask.put(API, json=body)).status_code == 401
    support = await sign_in(office.services, office.clinic, "SUPPORT")
    refused = await office.ask.put(API, json=body, headers={"Authorization": f"Bearer {support.token}"})
    assert refused.status_code == 403
    assert await kept(office) == [("syringe_kit", 350, None)]
