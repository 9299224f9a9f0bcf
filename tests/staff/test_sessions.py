"""Sessions: as a bearer token, as a browser's cookie, their ends; and what an administrator does about others'."""

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from psycopg.errors import CheckViolation

from carelane.app import create_litestar, fill
from carelane.kit import clock
from carelane.kit.auth import digest, system_actor
from carelane.kit.errors import WrongCredentialError
from carelane.sessions.access import COOKIE, SESSION_LIFETIME, actor_for
from carelane.sessions.actions import open_session
from carelane.sessions.jobs import KEPT_AFTER_END, delete_old_sessions
from carelane.web.edge import Edge
from tests.factories.accounts import bearer, open_account, sign_in
from tests.factories.rows import insert_row, update_row

ME, CURRENT = "/api/staff/me", "/api/staff/sessions/current"


@pytest.fixture
async def account(services, clinic):
    return await open_account(services, clinic)


@pytest.fixture
async def headers(services, account):
    return await bearer(services, account.organization_id, account.id)


@pytest.fixture
async def admin(services, clinic):
    account = await open_account(services, clinic, "ADMIN")
    return await bearer(services, account.organization_id, account.id)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Authorization": "Bearer cvt_unknown"},
        {"Authorization": "Bearer " + "x" * 300},
        {"Authorization": "Basic cvt_unknown"},
        {"Cookie": f"{COOKIE.name}=cvt_unknown"},
    ],
)
async def test_without_a_good_token_nobody_is_signed_in(client, sent):
    for method, path in (("GET", ME), ("DELETE", CURRENT), ("GET", "/api/staff/members")):
        answer = await client.request(method, path, headers=sent)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


async def test_signing_out_ends_this_session_only(client, services, account, headers):
    other = await bearer(services, account.organization_id, account.id)
    assert (await client.delete(CURRENT, headers=headers)).status_code == 204
    assert (await client.get(ME, headers=headers)).status_code == 401
    assert (await client.get(ME, headers=other)).status_code == 200


async def test_a_session_ends_after_twelve_hours(services, headers):
    token = headers["Authorization"].removeprefix("Bearer ")
    with clock.moved(SESSION_LIFETIME - timedelta(minutes=1)):
        assert (await actor_for(services, token, "staff", None)).kind == "staff"
    with clock.moved(SESSION_LIFETIME), pytest.raises(WrongCredentialError):
        await actor_for(services, token, "staff", None)


async def test_deactivating_a_member_ends_the_session_at_once(client, services, account, headers):
    await update_row(services, account.organization_id, "staff", account.id, deactivated_at=clock.now())
    assert (await client.get(ME, headers=headers)).status_code == 401


async def test_the_cookie_of_a_browser_stays_on_our_own_pages(client, account):
    answer = await sign_in(client, account)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE.name}={answer.json()['token']};")
    for attribute in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"):
        assert attribute.lower() in cookie.lower()
    # The server of the tests is on this machine, where there is no TLS.
    assert "secure" not in cookie.lower()

    sent = {"Cookie": f"{COOKIE.name}={answer.json()['token']}"}
    assert (await client.get(ME, headers=sent)).status_code == 200
    for site in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        assert (await client.delete(CURRENT, headers=sent | site)).status_code == 401
    gone = await client.delete(CURRENT, headers=sent | {"Sec-Fetch-Site": "same-origin"})
    assert gone.status_code == 204
    assert f'{COOKIE.name}=""' in gone.headers["set-cookie"] or f"{COOKIE.name}=;" in gone.headers["set-cookie"]
    assert (await client.get(ME, headers=sent)).status_code == 401


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "clinic.example"])
@pytest.mark.parametrize(
    ("changed", "is_secure"),
    [
        ({"public_url": "https://care.example"}, True),
        ({"public_url": "HTTPS://care.example"}, True),
        ({"public_url": "http://127.0.0.1:8400"}, False),
        # Whoever listens beyond the machine is behind a proxy that has TLS, or should be.
        ({"public_url": None, "host": "0.0.0.0"}, True),
    ],
)
async def test_whether_the_cookie_wants_tls_is_not_for_the_host_header_to_say(
    services, account, host, changed, is_secure
):
    settings = msgspec.structs.replace(services.settings, **changed)
    changed_services = msgspec.structs.replace(services, settings=settings)
    app = create_litestar(settings, changed_services)
    # What the lifespan does, without opening and closing the database that all tests use.
    fill(app.state, settings, changed_services)
    transport = httpx.ASGITransport(Edge(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://carelane") as asking:
        answer = await asking.post("/api/staff/sessions", json=account.body(), headers={"Host": host})
    assert answer.status_code == 200
    assert ("secure" in answer.headers["set-cookie"].lower()) is is_secure


async def test_under_any_other_name_the_cookie_wants_tls(client, account):
    answer = await client.post("/api/staff/sessions", json=account.body(), headers={"Host": "clinic.example"})
    client.cookies.clear()
    assert "secure" in answer.headers["set-cookie"].lower()


async def test_me_and_the_list_show_no_secret(client, services, account, headers, admin):
    await update_row(services, account.organization_id, "staff", account.id, npi="1234567893", title="Dr.")
    mine = (await client.get(ME, headers=headers)).json()["member"]
    assert (mine["npi"], mine["title"], mine["isActive"], mine["licenses"]) == ("1234567893", "Dr.", True, [])

    listed = await client.get("/api/staff/members", headers=admin)
    assert mine in listed.json()["members"]
    for word in ("password", "totp", "$argon2", account.totp_secret):
        assert word not in listed.text


async def test_who_manages_people_is_an_administrator(client, account, headers):
    for method, path in (
        ("GET", "/api/staff/members"),
        ("POST", f"/api/staff/members/{account.id}/unlock"),
        ("DELETE", f"/api/staff/members/{account.id}/sessions"),
    ):
        answer = await client.request(method, path, headers=headers)
        assert answer.status_code == 403
        assert "staff:manage" in answer.json()["detail"]


async def test_an_administrator_ends_all_sessions_of_a_member(client, services, account, headers, admin):
    other = await bearer(services, account.organization_id, account.id)
    answer = await client.delete(f"/api/staff/members/{account.id}/sessions", headers=admin)
    assert answer.json() == {"sessionsEnded": 2}
    for ended in (headers, other):
        assert (await client.get(ME, headers=ended)).status_code == 401
    assert (await client.get(ME, headers=admin)).status_code == 200


async def test_members_of_another_clinic_are_not_there(client, services, account, headers, other_clinic):
    stranger = await open_account(services, other_clinic, "ADMIN")
    theirs = await bearer(services, stranger.organization_id, stranger.id)
    for member_id in (account.id, uuid4(), "not-an-id"):
        for method, act in (("POST", "unlock"), ("DELETE", "sessions")):
            answer = await client.request(method, f"/api/staff/members/{member_id}/{act}", headers=theirs)
            assert answer.status_code == 404
            assert answer.json()["title"] == "Member not found"
    listed = await client.get("/api/staff/members", headers=theirs)
    assert str(stranger.id) in listed.text
    assert str(account.id) not in listed.text
    assert (await client.get(ME, headers=headers)).status_code == 200


async def test_sessions_that_are_long_over_are_deleted(services, account):
    ends = {"old": clock.now() - KEPT_AFTER_END - timedelta(days=1), "recent": clock.now() - timedelta(days=1)}
    ids = {}
    for name, expires_at in ends.items():
        values = {"staff_id": account.id, "token_digest": digest(uuid4().hex), "expires_at": expires_at}
        ids[name] = await insert_row(services, account.organization_id, "sessions", **values)

    await delete_old_sessions(services)

    async with services.db.reading(account.organization_id) as conn:
        cursor = await conn.execute("SELECT id FROM sessions WHERE staff_id = %s", (account.id,))
        assert await cursor.fetchall() == [(ids["recent"],)]


async def test_a_session_of_a_patient_opens_nothing_of_staff(client, services, clinic):
    organization_id = UUID(clinic.organization_id)
    patient_id = await insert_row(services, organization_id, "patients", first_name="Pat", last_name="Ient")
    async with services.db.transaction(system_actor(organization_id)) as conn:
        token = (await open_session(conn, organization_id, "patient", patient_id)).token

    actor = await actor_for(services, token, "patient", None)
    assert (actor.organization_id, actor.kind, actor.id) == (organization_id, "patient", patient_id)
    with pytest.raises(WrongCredentialError):
        await actor_for(services, token, "staff", None)
    assert (await client.get(ME, headers={"Authorization": f"Bearer {token}"})).status_code == 401


async def test_a_session_of_staff_is_none_of_a_patient(services, headers):
    with pytest.raises(WrongCredentialError):
        await actor_for(services, headers["Authorization"].removeprefix("Bearer "), "patient", None)


async def test_an_idle_limit_ends_a_session_that_is_not_used_and_a_use_moves_it(services, account):
    async with services.db.transaction(system_actor(account.organization_id)) as conn:
        idle = timedelta(minutes=10)
        opened = await open_session(conn, account.organization_id, "staff", account.id, idle=idle)
    with clock.moved(timedelta(minutes=10, seconds=1)), pytest.raises(WrongCredentialError):
        await actor_for(services, opened.token, "staff", None)

    # As if it had been used last five minutes ago.
    half_idle = clock.now() + timedelta(minutes=5)
    await update_row(services, account.organization_id, "sessions", opened.id, idle_ends_at=half_idle)
    assert (await actor_for(services, opened.token, "staff", None)).id == account.id
    with clock.moved(timedelta(minutes=9)):
        assert (await actor_for(services, opened.token, "staff", None)).id == account.id

    await update_row(services, account.organization_id, "sessions", opened.id, idle_ends_at=clock.now())
    with pytest.raises(WrongCredentialError):
        await actor_for(services, opened.token, "staff", None)


async def test_a_session_is_of_one_person(services, account):
    values = {"token_digest": digest(uuid4().hex), "expires_at": clock.now()}
    with pytest.raises(CheckViolation):
        await insert_row(services, account.organization_id, "sessions", **values)


async def test_the_version_before_signs_in_and_out_beside_this_one(services, account, headers, other_clinic):
    """Its statements, word for word: they find a view where the table was."""
    theirs = f"cvt_{uuid4().hex}"
    insert = "INSERT INTO staff_sessions (organization_id, id, staff_id, token_digest, expires_at) VALUES (%s, %s, %s, %s, %s)"
    find = "SELECT organization_id, session_id, staff_id, role, expires_at FROM authenticate_staff(%s)"
    revoke = (
        "UPDATE staff_sessions SET revoked_at = now() WHERE organization_id = %s AND revoked_at IS NULL "
        "AND token_digest = %s"
    )
    expires_at = clock.now() + timedelta(hours=1)
    async with services.db.transaction(system_actor(account.organization_id)) as conn:
        await conn.execute(insert, (account.organization_id, uuid4(), account.id, digest(theirs), expires_at))
    assert (await actor_for(services, theirs, "staff", None)).id == account.id

    ours = digest(headers["Authorization"].removeprefix("Bearer "))
    async with services.db.across() as conn:
        for token_digest in (digest(theirs), ours):
            found = await (await conn.execute(find, (token_digest,))).fetchone()
            assert found is not None
            assert (found[0], found[2]) == (account.organization_id, account.id)
    async with services.db.reading(UUID(other_clinic.organization_id)) as conn:
        seen = await conn.execute("SELECT count(*) FROM staff_sessions WHERE staff_id = %s", (account.id,))
        assert await seen.fetchone() == (0,)
    async with services.db.transaction(system_actor(account.organization_id)) as conn:
        await conn.execute(revoke, (account.organization_id, digest(theirs)))
    with pytest.raises(WrongCredentialError):
        await actor_for(services, theirs, "staff", None)
