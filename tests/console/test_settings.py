"""What the pages of the settings say and do, and what the organization file makes of what they changed."""

import re
from uuid import UUID

import pytest
import yaml

from carelane.apply.reading import MAX_FILE_BYTES
from carelane.sessions.access import COOKIE
from tests.console.test_catalog_kept import changes
from tests.console.world import Member, sign_in
from tests.own_clinic import make_clinic
from tests.review.people import employ


class Office:
    """An administrator at the pages of a clinic of their own."""

    def __init__(self, services, ask, clinic, member: Member):
        self.services, self.ask, self.clinic, self.member = services, ask, clinic, member
        self.headers = {"Cookie": f"{COOKIE.name}={member.token}", "Sec-Fetch-Site": "same-origin"}

    async def see(self, path):
        answer = await self.ask.get(f"/console{path}", headers=self.headers)
        assert answer.status_code == 200, answer.text[:2000]
        return answer.text

    async def send(self, path, expect=303, files=None, **fields):
        fields = {name.replace("__", "."): value for name, value in fields.items()} | {
            "form_token": self.member.form_token
        }
        answer = await self.ask.post(f"/console{path}", headers=self.headers, data=fields, files=files)
        assert answer.status_code == expect, answer.text[:3000]
        return answer

    async def rows(self, statement):
        async with self.services.db.reading(UUID(self.clinic.organization_id)) as conn:
            return await (await conn.execute(statement)).fetchall()


@pytest.fixture
async def office(services, ask, tmp_path):
    clinic = await make_clinic(services, tmp_path)
    return Office(services, ask, clinic, await sign_in(services, clinic, "ADMIN"))


def version_in(html):
    return re.search(r'name="version" value="([^"]*)"', html)[1]


GOOD = {"name": "Moss", "casePrefix": "MOS", "caseType": "GLP", "currency": "EUR", "answerWithinHours": "12",
        "assignmentPolicy": "round_robin", "validationProfile": "strict"}  # fmt: skip


async def test_the_clinic_is_changed_with_one_event_and_the_next_apply_sees_it(office):
    lists = {
        "notificationEmails": "a@moss.example\r\n\r\n b@moss.example ",
        "storefrontOrigins": "https://moss.example",
    }
    await office.send("/settings/change", version=version_in(await office.see("/settings")), **GOOD, **lists)
    ((name, emails, origins),) = await office.rows(
        "SELECT name, notification_emails, storefront_origins FROM organizations"
    )
    assert (name, emails, origins) == ("Moss", ["a@moss.example", "b@moss.example"], ["https://moss.example"])
    events = await office.rows(
        "SELECT actor_kind, value_after FROM events WHERE type = 'ORGANIZATION_CHANGED' ORDER BY number"
    )
    assert events[-1] == ("staff", "CHANGED")
    changed = await office.see("/settings/changes")
    assert "Own Clinic" in changed
    assert "assignmentPolicy" in changed
    text = (await office.ask.get("/console/settings/file/download?secrets=none", headers=office.headers)).text
    assert yaml.safe_load(text)["organization"]["name"] == "Moss"


async def test_what_is_wrong_is_told_at_its_line_and_what_was_typed_stays(office):
    wrong = {"currency": "ABC", "storefrontOrigins": "https://moss.example\nmoss.example"}
    answer = await office.send("/settings/change", 422, **(GOOD | wrong))
    assert "Line 2: " in answer.text
    assert 'id="e-storefrontOrigins"' in answer.text
    assert 'id="e-currency"' in answer.text
    assert "https://moss.example\nmoss.example" in answer.text
    assert (await office.rows("SELECT name FROM organizations")) == [("Own Clinic",)]


async def test_a_stale_form_shows_what_changed_and_can_be_sent_again(office):
    version = version_in(await office.see("/settings"))
    await office.send("/settings/change", version=version, **GOOD)
    stale = await office.send("/settings/change", 409, version=version, **(GOOD | {"name": "Fern"}))
    assert changes(stale.text)["Name"] == ("Moss", "Fern")
    assert 'value="Fern"' in stale.text
    await office.send("/settings/change", version=version_in(stale.text), **(GOOD | {"name": "Fern"}))
    assert (await office.rows("SELECT name FROM organizations")) == [("Fern",)]


async def test_a_key_is_made_used_rotated_and_revoked(office, client):
    made = await office.send("/settings/keys/make", 200, kind="key", name="Shop", scopes=["catalog:read"])
    secret = re.search(r"cvk_[\w-]+", made.text)[0]
    assert (await client.get("/api/v1/organization/bundles", headers={"cv-api-key": secret})).status_code == 200
    listed = await office.see("/settings/keys")
    assert secret not in listed
    key_id = re.search(r'/console/settings/keys/([0-9a-f-]{36})">Shop', listed)[1]
    again = await office.send("/settings/keys/make", 422, kind="key", name="Shop", scopes=["catalog:read"])
    assert "goes by this name" in again.text
    wrong = await office.send(f"/settings/keys/{key_id}/rotate", 422, rotateName="shop")
    assert "Type Shop. Nothing was changed." in wrong.text
    rotated = await office.send(f"/settings/keys/{key_id}/rotate", 200, rotateName="Shop")
    assert secret not in rotated.text
    assert re.search(r"cvk_[\w-]+", rotated.text)
    await office.send(f"/settings/keys/{key_id}/revoke", revokeName="Shop")
    gone = await office.ask.get(f"/console/settings/keys/{key_id}", headers=office.headers)
    assert gone.status_code == 404
    events = await office.rows("SELECT type, value_after FROM events WHERE type LIKE 'CREDENTIAL%' ORDER BY number")
    assert events[-3:] == [
        ("CREDENTIAL_CHANGED", "CREATED"),
        ("CREDENTIAL_CHANGED", "CHANGED"),
        ("CREDENTIAL_REVOKED", None),
    ]


async def test_a_stale_key_keeps_what_was_typed(office):
    listed = await office.see("/settings/keys")
    path = re.search(r'/console(/settings/keys/[0-9a-f-]{36})">Catalog pages', listed)[1]
    version = version_in(await office.see(path))
    await office.send(f"{path}/change", version=version, name="Pages", scopes=["catalog:read"])
    stale = await office.send(
        f"{path}/change", 409, version=version, name="Other", scopes=["catalog:read", "cases:read"]
    )
    assert changes(stale.text)["Name"] == ("Pages", "Other")
    assert 'value="Other"' in stale.text
    none = await office.send(f"{path}/change", 422, version=version_in(stale.text), name="Other")
    assert "expected at least one" in none.text


async def test_a_webhook_is_made_changed_tried_and_switched(office):
    made = await office.send("/settings/webhooks/make", 422, name="Shop", url="http://10.0.0.1/x")
    assert 'id="e-url"' in made.text
    made = await office.send(
        "/settings/webhooks/make", 200, name="Shop", url="https://93.184.216.34/x", events=["CREATE_CASE"]
    )
    path = re.search(r'/console(/settings/webhooks/[0-9a-f-]{36})"', made.text)[1]
    assert "whsec_" in made.text
    await office.send(f"{path}/switch-off", offName="Shop")
    off = await office.see(path)
    assert "Switched off here" in off
    assert "/test" not in off
    refused = await office.send(f"{path}/test", 409)
    assert "switched off" in refused.text
    await office.send(f"{path}/switch-on")
    version = version_in(await office.see(path))
    await office.send(
        f"{path}/change", version=version, name="Shop 2", url="https://93.184.216.34/x", payload="EVENT_ONLY"
    )
    stale = await office.send(
        f"{path}/change", 409, version=version, name="Shop 3", url="https://93.184.216.34/x", payload="FULL_CASE"
    )
    assert changes(stale.text)["Name"] == ("Shop 2", "Shop 3")
    assert (await office.rows("SELECT name, payload, events FROM webhook_endpoints")) == [("Shop 2", "EVENT_ONLY", [])]
    soon = await office.send(f"{path}/replay", 422, **{"from": "yesterday", "to": "2027-01-01T00:00"})
    assert 'id="e-from"' in soon.text
    told = await office.send(f"{path}/replay", 200, **{"from": "2020-01-01T00:00", "to": "2037-01-01T00:00"})
    assert "0 deliveries are sent again." in told.text
    # Midnight in New York is five hours later.
    hour = {"from": "2027-01-01T04:00+00:00", "to": "2027-01-01T00:00", "zone": "America/New_York"}
    await office.send(f"{path}/replay", 200, **hour)
    before = await office.send(f"{path}/replay", 422, **(hour | {"zone": "Europe/Lisbon"}))
    assert 'name="zone" value="Europe/Lisbon"' in before.text
    rotated = await office.send(f"{path}/rotate", 200)
    assert "whsec_" in rotated.text


async def test_a_member_is_changed_and_leaves(office, services):
    nora = await employ(services, office.clinic, "Nora")
    path = f"/people/{nora.id}"
    form = {"firstName": "Nora", "lastName": "Berg", "role": "CASEWORKER", "takesCases": "true", "npi": "1234567893",
            "licenses[0].state": "ny", "licenses[0].number": "7", "licenses[0].expiresOn": "2031-06-30"}  # fmt: skip
    # As a browser sends the places that are left empty.
    form |= {"licenses[1].state": "", "licenses[1].number": "", "licenses[1].expiresOn": ""}
    version = version_in(await office.see(path))
    wrong = await office.send(
        f"{path}/change", 422, version=version, **(form | {"npi": "1234567890", "licenses[0].state": "ZZ"})
    )
    assert 'id="e-npi"' in wrong.text
    assert 'id="e-licenses[0].state"' in wrong.text
    await office.send(f"{path}/change", version=version, **form)
    stale = await office.send(f"{path}/change", 409, version=version, **(form | {"lastName": "Lund"}))
    assert changes(stale.text) == {"Last name": ("Berg", "Lund")}
    assert (await office.rows(f"SELECT state, number FROM staff_licenses WHERE staff_id = '{nora.id}'")) == [
        ("NY", "7")
    ]
    me = "/api/staff/me"
    assert (await office.ask.get(me, headers=nora.headers)).status_code == 200
    email = (await office.ask.get(me, headers=nora.headers)).json()["member"]["email"]
    assert f"Type {email}. Nothing" in (await office.send(f"{path}/deactivate", 422, email="nobody@x.example")).text
    await office.send(f"{path}/deactivate", email=email)
    assert (await office.ask.get(me, headers=nora.headers)).status_code == 401
    await office.send(f"{path}/reactivate", email=email)
    # Old sessions do not come back.
    assert (await office.ask.get(me, headers=nora.headers)).status_code == 401


async def test_the_last_administrator_stays_one(office):
    path = f"/people/{office.member.id}"
    version = version_in(await office.see(path))
    demoted = await office.send(f"{path}/change", 422, version=version, firstName="A", lastName="B", role="SUPPORT")
    assert "the last administrator" in demoted.text
    ((email,),) = await office.rows(f"SELECT email FROM staff WHERE id = '{office.member.id}'")
    gone = await office.send(f"{path}/deactivate", 422, email=email)
    assert "the last administrator" in gone.text
    assert (await office.rows("SELECT count(*) FROM staff WHERE role = 'ADMIN' AND deactivated_at IS NULL")) == [(1,)]


async def test_a_pharmacy_is_made_changed_and_switched_off(office):
    fields = {"name": "Box", "code": "box", "adapter": "http"}
    assert 'id="e-url"' in (await office.send("/settings/pharmacies/make", 422, **fields)).text
    fields["url"] = "https://box.example/rx"
    made = await office.send("/settings/pharmacies/make", 200, **fields)
    secret = re.search(r"cvp_[\w-]+", made.text)[0]
    path = re.search(r'/console(/settings/pharmacies/[0-9a-f-]{36})"', made.text)[1]
    taken = await office.send("/settings/pharmacies/make", 422, **fields)
    assert "another pharmacy has this code" in taken.text
    shown = await office.see(path)
    assert secret not in shown
    assert "/callbacks" in shown
    version = version_in(shown)
    await office.send(f"{path}/change", version=version, **(fields | {"name": "Box 2"}))
    stale = await office.send(f"{path}/change", 409, version=version, isActive="true", **(fields | {"name": "Box 3"}))
    assert changes(stale.text)["Name"] == ("Box 2", "Box 3")
    assert (await office.rows("SELECT name, is_active FROM pharmacies")) == [("Box 2", False)]
    assert "Type box. Nothing" in (await office.send(f"{path}/rotate", 422, rotateCode="Box")).text
    assert secret not in (await office.send(f"{path}/rotate", 200, rotateCode="box")).text
    events = await office.rows("SELECT value_after FROM events WHERE type = 'PHARMACY_CHANGED' ORDER BY number")
    assert events == [("CREATED",), ("CHANGED",), ("CHANGED",)]


async def test_a_file_is_tried_and_nothing_is_changed(office):
    text = (await office.ask.get("/console/settings/file/download?secrets=none", headers=office.headers)).text
    same = await office.send("/settings/changes/check", 200, files={"file": ("a.yaml", text)})
    assert "0 would be made, 0 changed, 0 revoked" in same.text
    more = text.replace("name: Own Clinic", "name: Other").replace("Tablets", "Pills")
    tried = await office.send("/settings/changes/check", 200, files={"file": ("a.yaml", more)})
    assert "2 changed" in tried.text
    assert (await office.rows("SELECT name FROM organizations")) == [("Own Clinic",)]
    wrong = await office.send("/settings/changes/check", 422, files={"file": ("a.yaml", "organization: {name: 1}")})
    assert "organization.casePrefix" in wrong.text
    others = await office.send(
        "/settings/changes/check",
        422,
        files={
            "file": (
                "a.yaml",
                text.replace(office.clinic.tenant, "harbor-health").replace(
                    office.clinic.organization_id, "0a9f1c52-6f6b-4a53-9c6e-3a4f8f2d7e10"
                ),
            )
        },
    )
    assert "expected this clinic" in others.text
    await office.send("/settings/changes/check", 413, files={"file": ("a.yaml", b"x" * 4_300_000)})
    for content in (b"", b"\xff\xfe", b"a: ["):
        await office.send("/settings/changes/check", 422, files={"file": ("a.yaml", content)})


async def test_both_changed_it_is_a_conflict(office):
    await office.send("/settings/change", version=version_in(await office.see("/settings")), **GOOD)
    text = f"organization: {{tenant: {office.clinic.tenant}, name: Fern, casePrefix: OWN, assignmentPolicy: none}}"
    tried = await office.send("/settings/changes/check", 200, files={"file": ("a.yaml", text)})
    assert "It would be refused." in tried.text
    assert "Both changed it." in tried.text
    assert "Stays as it is here." in tried.text


async def test_a_file_may_be_as_long_as_for_the_command_line(office):
    """What the page exports, it takes again."""
    text = (await office.ask.get("/console/settings/file/download?secrets=none", headers=office.headers)).text
    long = text + f"# {'x' * 1_000}\n" * 2_000
    said = (await office.send("/settings/changes/check", 200, files={"file": ("a.yaml", long)})).text
    assert "0 would be made" in said
    headers = {"Authorization": f"Bearer {office.member.token}"}
    path = "/api/staff/settings/organization-file/check"
    checked = await office.ask.post(path, json={"file": long}, headers=headers)
    assert (checked.status_code, checked.json()["canApply"]) == (200, True)
    too_long = text + "#\n" * (MAX_FILE_BYTES // 2)
    refused = await office.send("/settings/changes/check", 422, files={"file": ("a.yaml", too_long)})
    assert "4,194,304 bytes" in refused.text
    assert (await office.ask.post(path, json={"file": too_long}, headers=headers)).status_code == 400
