"""Secrets that were changed elsewhere since the last apply: they stay too, and are never shown."""

import pytest

from carelane.apply.errors import ChangedElsewhereError, InvalidFileError
from carelane.kit import passwords
from carelane.kit.auth import digest, new_secret, system_actor
from carelane.organizations.actions import revoke_credential
from carelane.pharmacies.queries import SECRET as PHARMACY_SECRET
from carelane.sessions import codes
from carelane.webhooks.queries import SECRET as WEBHOOK_SECRET
from tests.webhooks.cast import admin_headers

OLD, ELSEWHERE, NEW = (f"{word}-secret-of-more-than-thirty-two-characters" for word in ("old", "elsewhere", "new"))
OLD_TOTP, ELSEWHERE_TOTP, NEW_TOTP = ("ABCDEFGH" * 4, "BCDEFGHA" * 4, "CDEFGHAB" * 4)


@pytest.fixture
async def clinic_file(file):
    file.content |= {
        "keys": [{"name": "Desk", "scopes": ["catalog:read"], "secret": f"{OLD}-{file.tenant}"}],
        "staff": [
            {"email": "a@moss.example", "firstName": "A", "lastName": "B", "role": "ADMIN", "password": OLD, "totpSecret": OLD_TOTP}
        ],
        "pharmacies": [{"code": "main", "name": "Main", "adapter": "http", "url": "https://rx.example", "secret": OLD}],
        "webhooks": [{"name": "Shop", "url": "https://shop.example/hook", "secret": OLD}],
    }  # fmt: skip
    await file.apply()
    return file


async def seal_elsewhere(file, table, column, place, secret):
    organization_id = await file.organization_id()
    ((row_id,),) = await file.fetch(f"SELECT id FROM {table}")
    data_key = await file.services.keyring.data_key(organization_id)
    async with file.services.db.transaction(system_actor(organization_id)) as conn:
        sealed = data_key.seal(secret.encode(), place, row_id)
        await conn.execute(f"UPDATE {table} SET {column} = %s", (sealed,))


async def change_all(file):
    await seal_elsewhere(file, "pharmacies", "secret_sealed", PHARMACY_SECRET, ELSEWHERE)
    await seal_elsewhere(file, "webhook_endpoints", "secret_sealed", WEBHOOK_SECRET, ELSEWHERE)
    await seal_elsewhere(file, "staff", "totp_secret_sealed", codes.SECRET, ELSEWHERE_TOTP)
    async with file.services.db.transaction(system_actor(await file.organization_id())) as conn:
        await conn.execute("UPDATE staff SET password_hash = %s", (passwords.hash_now(ELSEWHERE),))
        await conn.execute("UPDATE credentials SET secret_digest = %s", (digest(f"{ELSEWHERE}-{file.tenant}"),))


async def secrets_of(file):
    [(pharmacy_id, pharmacy)] = await file.fetch("SELECT id, secret_sealed FROM pharmacies")
    [(endpoint_id, endpoint)] = await file.fetch("SELECT id, secret_sealed FROM webhook_endpoints")
    [(staff_id, password_hash, totp)] = await file.fetch("SELECT id, password_hash, totp_secret_sealed FROM staff")
    [(key,)] = await file.fetch("SELECT secret_digest FROM credentials WHERE revoked_at IS NULL")
    known = (OLD, ELSEWHERE, NEW)
    return {
        await file.open(pharmacy, PHARMACY_SECRET, pharmacy_id),
        await file.open(endpoint, WEBHOOK_SECRET, endpoint_id),
        next(word for word in known if passwords.is_right_now(word, password_hash)),
        next(word for word in known if digest(f"{word}-{file.tenant}") == key),
    }, await file.open(totp, codes.SECRET, staff_id)


def fields(changes):
    return [(change.what, each.field) for change in changes for each in (*change.kept, *change.overwritten)]


ALL = [
    ("key", "secret"), ("staff", "password"), ("staff", "totpSecret"), ("pharmacy", "secret"), ("webhook", "secret"),
]  # fmt: skip


async def test_they_stay_and_are_not_shown(clinic_file):
    await change_all(clinic_file)
    for _ in range(2):
        changes = await clinic_file.apply()
        assert fields(changes) == ALL
        assert {change.action for change in changes} == {"unchanged"}
    printed = "\n".join(line for change in changes for line in change.lines())
    assert "password was changed elsewhere since the last apply and stays: *** here, *** in the file" in printed
    for secret in (OLD, ELSEWHERE, OLD_TOTP, ELSEWHERE_TOTP):
        assert secret not in printed
    assert await secrets_of(clinic_file) == ({ELSEWHERE}, ELSEWHERE_TOTP)


async def name_new_ones(file):
    file.content["keys"][0]["secret"] = f"{NEW}-{file.tenant}"
    file.content["staff"][0] |= {"password": NEW, "totpSecret": NEW_TOTP}
    file.content["pharmacies"][0]["secret"] = file.content["webhooks"][0]["secret"] = NEW


async def test_new_ones_in_the_file_are_a_conflict_and_are_not_shown_either(clinic_file):
    await change_all(clinic_file)
    await name_new_ones(clinic_file)
    with pytest.raises(ChangedElsewhereError) as error:
        await clinic_file.apply()
    assert [problem.field for problem in error.value.problems] == [
        "key Desk: secret",
        "staff a@moss.example: password",
        "staff a@moss.example: totpSecret",
        "pharmacy main: secret",
        "webhook Shop: secret",
    ]
    for secret in (OLD, ELSEWHERE, NEW, OLD_TOTP, ELSEWHERE_TOTP, NEW_TOTP):
        assert secret not in str(error.value)
    assert await secrets_of(clinic_file) == ({ELSEWHERE}, ELSEWHERE_TOTP)

    assert fields(await clinic_file.apply(overwrite=True)) == ALL
    assert await secrets_of(clinic_file) == ({NEW}, NEW_TOTP)
    assert fields(await clinic_file.apply()) == []


async def test_new_ones_are_taken_when_nobody_else_changed_them(clinic_file):
    await name_new_ones(clinic_file)
    changes = await clinic_file.apply()
    assert fields(changes) == []
    assert await secrets_of(clinic_file) == ({NEW}, NEW_TOTP)
    assert {change.action for change in await clinic_file.apply()} == {"unchanged"}


async def test_nothing_of_a_secret_is_remembered_but_a_keyed_digest(clinic_file):
    rows = await clinic_file.fetch("SELECT fields::text FROM applied_records")
    text = "\n".join(row for (row,) in rows)
    hashes = await clinic_file.fetch("SELECT password_hash FROM staff")
    for secret in (OLD, OLD_TOTP, digest(OLD).hex(), digest(f"{OLD}-{clinic_file.tenant}").hex(), hashes[0][0]):
        assert secret not in text


async def test_a_password_that_is_hashed_anew_is_the_same_password(clinic_file):
    """As when the cost of hashing was raised, and the member signed in."""
    async with clinic_file.services.db.transaction(system_actor(await clinic_file.organization_id())) as conn:
        await conn.execute("UPDATE staff SET password_hash = %s", (passwords.hash_now(OLD),))
    assert fields(await clinic_file.apply()) == []


async def test_a_rotated_webhook_secret_stays(client, clinic_file):
    headers = await admin_headers(clinic_file.services, await clinic_file.organization_id())
    [(endpoint_id,)] = await clinic_file.fetch("SELECT id FROM webhook_endpoints")
    path = f"/api/staff/webhook-endpoints/{endpoint_id}"
    rotated = (await client.post(f"{path}/rotate-secret", json={}, headers=headers)).json()["secret"]
    await client.patch(path, json={"events": ["CREATE_CASE"]}, headers=headers)
    assert fields(await clinic_file.apply()) == [("webhook", "events"), ("webhook", "secret")]
    [(sealed,)] = await clinic_file.fetch("SELECT secret_sealed FROM webhook_endpoints")
    assert await clinic_file.open(sealed, WEBHOOK_SECRET, endpoint_id) == rotated


async def revoke_elsewhere(file):
    organization_id = await file.organization_id()
    [(key_id,)] = await file.fetch("SELECT id FROM credentials")
    async with file.services.db.transaction(system_actor(organization_id)) as conn:
        assert await revoke_credential(conn, system_actor(organization_id), key_id)


async def test_a_key_that_was_revoked_elsewhere_stays_revoked(clinic_file):
    await revoke_elsewhere(clinic_file)
    for _ in range(2):
        assert fields(await clinic_file.apply()) == [("key", "revoked")]
    clinic_file.content["keys"][0]["scopes"] = ["cases:read"]
    with pytest.raises(ChangedElsewhereError, match="key Desk: revoked"):
        await clinic_file.apply()

    with pytest.raises(InvalidFileError, match="belongs to another credential, or to a revoked one"):
        await clinic_file.apply(overwrite=True)
    clinic_file.content["keys"][0]["secret"] = new_secret("cvk")
    changes = await clinic_file.apply(overwrite=True)
    assert [(change.action, change.name) for change in changes if change.what == "key"] == [("create", "Desk")]
    assert fields(await clinic_file.apply()) == []

    # The newest one counts: the old one's end is no news any more.
    for is_revoked, action in ((True, "revoke"), (False, "create")):
        clinic_file.content["keys"][0] |= {"revoked": is_revoked, "secret": new_secret("cvk")}
        changes = await clinic_file.apply()
        assert [(change.action, change.kept) for change in changes if change.what == "key"] == [(action, [])]


async def test_a_key_that_was_revoked_on_both_sides_is_no_conflict(clinic_file):
    await revoke_elsewhere(clinic_file)
    clinic_file.content["keys"][0]["revoked"] = True
    changes = await clinic_file.apply()
    assert [(change.action, change.kept) for change in changes if change.what == "key"] == [("unchanged", [])]
