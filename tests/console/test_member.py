"""A member's e-mail address, place of work and hours on the pages of people, and what the organization file makes of them."""

from uuid import UUID, uuid4

import pytest

from tests.console.test_catalog_kept import changes
from tests.console.test_settings import Office, version_in
from tests.console.world import sign_in
from tests.factories.rows import update_row
from tests.own_clinic import make_clinic

HOURS = [{"days": ["fri", "mon"], "from": "09:00", "to": "17:00"}]
MEMBER = {"firstName": "Mira", "lastName": "Stone", "role": "CASEWORKER"}


@pytest.fixture
def mail():
    return f"{uuid4().hex}@staff.example"


@pytest.fixture
async def office(services, ask, tmp_path, mail):
    hours = {"timezone": "America/New_York", "hours": HOURS}
    member = MEMBER | {"email": mail, "city": "Troy", "availability": hours}
    clinic = await make_clinic(services, tmp_path, parts={"staff": [member]})
    return Office(services, ask, clinic, await sign_in(services, clinic, "ADMIN"))


@pytest.fixture
async def path(office, mail):
    ((staff_id,),) = await office.rows(f"SELECT id FROM staff WHERE email = '{mail}'")
    return f"/people/{staff_id}"


async def tried(office, mail, more=""):
    file = f"""
organization: {{tenant: {office.clinic.tenant}, name: Own Clinic, casePrefix: OWN}}
staff: [{{email: {mail}, firstName: Mira, lastName: Stone, role: CASEWORKER, city: Troy{more}}}]
"""
    return (await office.send("/settings/changes/check", 200, files={"file": ("a.yaml", file)})).text


async def test_another_address_stays_and_apply_knows_whose_it_is(office, path, mail):
    await update_row(
        office.services, UUID(office.clinic.organization_id), "staff", UUID(path[8:]), email="mira@moss.example"
    )
    kept = await tried(office, mail)
    assert "Stays as it is here." in kept
    assert "mira@moss.example" in kept
    assert "0 would be made" in kept


async def test_where_a_member_practises_is_changed_and_apply_sees_it(office, path, mail):
    version = version_in(await office.see(path))
    form = MEMBER | {"version": version, "address.city": "Albany", "address.state": "ZZ", "address.country": "US"}
    wrong = await office.send(f"{path}/change", 422, **form)
    assert 'id="e-address.state"' in wrong.text
    form |= {"address.state": "NY", "address.addressLine1": "", "takesCases": "true"}
    await office.send(f"{path}/change", **form)
    assert await office.rows(f"SELECT address_line1, city, state FROM staff WHERE email = '{mail}'") == [
        (None, "Albany", "NY")
    ]
    stale = await office.send(f"{path}/change", 409, **(form | {"address.city": "Utica"}))
    assert changes(stale.text)["City"] == ("Albany", "Utica")
    assert "Stays as it is here." in await tried(office, mail)
    # A program that does not name it leaves it alone.
    headers = {"Authorization": f"Bearer {office.member.token}"}
    changed = await office.ask.put(f"/api/staff/settings/members{path[7:]}", json=MEMBER, headers=headers)
    assert changed.json()["address"]["city"] == "Albany"


async def test_hours_are_changed_by_the_week_and_by_the_day(office, path, mail):
    shown = await office.see(f"{path}/hours")
    assert 'name="mon" type="text" value="09:00-17:00"' in shown
    form = {"version": version_in(shown), "timezone": "America/Chicago", "appointmentMinutes": "20"}
    week = {"mon": "9:00-17:00", "fri": "09:00 - 17:00"}
    wrong = {"mon": "9 to 5", "tue": "09:00-25:00", "different": "2027-07-05\nsoon"}
    refused = await office.send(f"{path}/hours/change", 422, **form, **wrong)
    for field in ("mon", "tue", "different"):
        assert f'id="e-{field}"' in refused.text
    both = await office.send(f"{path}/hours/change", 422, **form, mon="09:00-12:00, 11:00-13:00")
    assert 'id="e-hours"' in both.text
    await office.send(f"{path}/hours/change", **form, **week, different="2027-07-05\n2027-07-10 10:00-24:00")
    # What says the same stays as the file put it.
    rows = "SELECT timezone, appointment_minutes, hours, exceptions FROM staff_availability"
    different = [
        {"date": "2027-07-05", "hours": []},
        {"date": "2027-07-10", "hours": [{"from": "10:00", "to": "24:00"}]},
    ]
    assert await office.rows(rows) == [("America/Chicago", 20, HOURS, different)]
    hours = ', availability: {timezone: America/New_York, hours: [{days: [fri, mon], from: "09:00", to: "17:00"}]}'
    kept = await tried(office, mail, hours)
    assert "timezone" in kept
    assert "Stays as it is here." in kept
    stale = await office.send(f"{path}/hours/change", 409, **form, mon="08:00-12:00")
    assert changes(stale.text)["Monday"] == ("09:00-17:00", "08:00-12:00")
    await office.send(
        f"{path}/hours/change", **(form | {"version": version_in(stale.text)}), mon="08:00-12:00", tue="08:00-12:00"
    )
    ((hours, exceptions),) = await office.rows("SELECT hours, exceptions FROM staff_availability")
    assert (hours, exceptions) == ([{"days": ["mon", "tue"], "from": "08:00", "to": "12:00"}], [])


async def test_the_api_says_and_changes_hours_and_address(office, path, services):
    headers = {"Authorization": f"Bearer {office.member.token}"}
    api = f"/api/staff/settings/members{path[7:]}"
    there = (await office.ask.get(f"{api}/availability", headers=headers)).json()
    assert there["hours"] == HOURS
    body = {"timezone": "Mars/Olympus", "hours": [HOURS[0] | {"to": "08:00"}], "version": there["version"]}
    refused = await office.ask.put(f"{api}/availability", json=body, headers=headers)
    assert refused.status_code == 422
    assert "timezone" in refused.text
    assert "hours[0].to" in refused.text
    body = {"timezone": "America/New_York", "version": there["version"]}
    assert (await office.ask.put(f"{api}/availability", json=body, headers=headers)).json()["hours"] == []
    assert (await office.ask.put(f"{api}/availability", json=body, headers=headers)).status_code == 409
    nobody = f"/api/staff/settings/members/{uuid4()}"
    support = await sign_in(services, office.clinic, "SUPPORT")
    for part, said in (("availability", body), ("email", {"email": "a@moss.example", "password": "x"})):
        assert (await office.ask.put(f"{nobody}/{part}", json=said, headers=headers)).status_code == 404
        assert (await office.ask.put(f"{api}/{part}", json=said)).status_code == 401
        none = {"Authorization": f"Bearer {support.token}"}
        assert (await office.ask.put(f"{api}/{part}", json=said, headers=none)).status_code == 403
