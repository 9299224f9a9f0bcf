"""`availability` of staff in an organization file."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from carelane.apply.actions import apply_file
from carelane.apply.elsewhere.reads import list_changed_elsewhere
from carelane.apply.errors import InvalidFileError
from carelane.kit.auth import Actor, system_actor
from carelane.permissions import OF_ROLE
from tests.own_clinic import make_clinic

HOURS = [{"days": ["mon", "fri"], "from": "09:00", "to": "17:00"}]
FULL = {
    "timezone": "America/New_York",
    "appointmentMinutes": 20,
    "meetingLink": "https://meet.example/ada",
    "hours": HOURS,
    "exceptions": [{"date": "2027-01-01"}, {"date": "2027-01-04", "hours": [{"from": "10:00", "to": "24:00"}]}],
}


@pytest.fixture
async def apply(services, tmp_path):
    clinic = await make_clinic(services, tmp_path)
    email = f"{uuid4().hex}@staff.example"

    async def run(availability: Any, **options: bool):
        member = {"email": email, "firstName": "Ada", "lastName": "Berg", "role": "CASEWORKER"}
        if availability is not None:
            member["availability"] = availability
        head = {"id": clinic.organization_id, "tenant": clinic.tenant, "name": "Own Clinic", "casePrefix": "OWN"}
        path = tmp_path / "file.yaml"
        path.write_text(json.dumps({"organization": head, "staff": [member]}))
        changes = await apply_file(services, path, False, {}, **options)
        return [change for change in changes if change.what == "availability"]

    run.organization_id = UUID(clinic.organization_id)
    return run


async def rows_of(services, organization_id, statement):
    async with services.db.reading(organization_id) as conn:
        return await (await conn.execute(statement)).fetchall()


async def test_hours_are_made_kept_and_changed(apply, services):
    assert [change.action for change in await apply(FULL)] == ["create"]
    assert [change.action for change in await apply(FULL)] == ["unchanged"]
    # What the file does not name stays as it is.
    assert await apply(None) == []
    assert [change.action for change in await apply(FULL | {"hours": []})] == ["update"]
    statement = "SELECT timezone, appointment_minutes, meeting_link, hours, exceptions FROM staff_availability"
    (row,) = await rows_of(services, apply.organization_id, statement)
    exceptions = [{"date": "2027-01-01", "hours": []}, FULL["exceptions"][1]]
    assert row == ("America/New_York", 20, "https://meet.example/ada", [], exceptions)
    told = "SELECT count(*) FROM events WHERE type = 'STAFF_CHANGED' AND value_after = 'AVAILABILITY_CHANGED'"
    assert await rows_of(services, apply.organization_id, told) == [(2,)]


async def test_what_was_changed_elsewhere_is_kept(apply, services):
    await apply(FULL)
    async with services.db.transaction(system_actor(apply.organization_id)) as conn:
        await conn.execute("UPDATE staff_availability SET appointment_minutes = 45")
    (change,) = await apply(FULL)
    assert [kept.field for kept in change.kept] == ["appointmentMinutes"]
    (overwritten,) = await apply(FULL, overwrite=True)
    assert [each.field for each in overwritten.overwritten] == ["appointmentMinutes"]
    assert await rows_of(services, apply.organization_id, "SELECT appointment_minutes FROM staff_availability") == [
        (20,)
    ]


SPLIT = [{"days": ["fri"], "from": "09:00", "to": "17:00"}, {"days": ["mon"], "from": "09:00", "to": "17:00"}]


async def test_hours_that_say_the_same_in_another_way_are_the_same(apply, services):
    await apply(FULL)
    other = list(reversed(FULL["exceptions"]))
    async with services.db.transaction(system_actor(apply.organization_id)) as conn:
        values = (json.dumps(SPLIT), json.dumps([one | {"hours": one.get("hours", [])} for one in other]))
        await conn.execute("UPDATE staff_availability SET hours = %s, exceptions = %s", values)
        await conn.execute("UPDATE staff SET email = email || '.example' WHERE email_key LIKE '%@staff.example'")
        actor = Actor(apply.organization_id, "staff", None, OF_ROLE["ADMIN"])
    told = await list_changed_elsewhere(services, actor)
    assert "availability" not in [record.what for record in told.records]
    (change,) = await apply(FULL)
    assert (change.action, change.kept) == ("unchanged", [])
    # The file says them in another way; somebody else changes them.
    (change,) = await apply(FULL | {"hours": SPLIT})
    assert (change.action, change.kept) == ("unchanged", [])
    async with services.db.transaction(system_actor(apply.organization_id)) as conn:
        await conn.execute("UPDATE staff_availability SET hours = '[]'")
    (change,) = await apply(FULL | {"hours": SPLIT})
    assert [kept.field for kept in change.kept] == ["hours"]
    # And the file changes what nobody else did.
    (change,) = await apply(FULL | {"hours": []})
    assert (change.action, change.kept) == ("unchanged", [])
    (change,) = await apply(FULL)
    assert change.action == "update"
    told = "SELECT count(*) FROM events WHERE type = 'STAFF_CHANGED' AND value_after = 'AVAILABILITY_CHANGED'"
    assert await rows_of(services, apply.organization_id, told) == [(2,)]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"appointmentMinutes": 7}, "appointmentMinutes"),
        ({"appointmentMinutes": 0}, "appointmentMinutes"),
        ({"appointmentMinutes": 485}, "appointmentMinutes"),
        ({"meetingLink": "javascript:alert(1)"}, "meetingLink"),
        ({"hours": [{"days": [], "from": "09:00", "to": "10:00"}]}, "hours[0].days"),
        ({"hours": [{"days": ["monday"], "from": "09:00", "to": "10:00"}]}, "hours[0].days[0]"),
        ({"hours": [{"days": ["mon"], "from": "9:00", "to": "10:00"}]}, "hours[0].from"),
        ({"hours": [{"days": ["mon"], "from": "09:01", "to": "10:00"}]}, "hours[0].from"),
        ({"hours": [{"days": ["mon"], "from": "24:05", "to": "25:00"}]}, "hours[0].from"),
        ({"hours": [{"days": ["mon"], "from": "10:00", "to": "10:00"}]}, "hours[0].to"),
        ({"hours": [*HOURS, {"days": ["fri"], "from": "16:55", "to": "18:00"}]}, "hours"),
        ({"exceptions": [{"date": "2027-02-29"}]}, "exceptions[0].date"),
        ({"exceptions": [{"date": "2027-01-01"}, {"date": "2027-01-01"}]}, "exceptions[1].date"),
        ({"hour": HOURS}, "hour"),
    ],
)
async def test_hours_that_cannot_be_are_refused_by_their_place(apply, changed, place):
    with pytest.raises(InvalidFileError) as refused:
        await apply(FULL | changed)
    assert f"staff[0].availability.{place}" in [problem.field for problem in refused.value.problems]
