"""Keys and clients: who they open the door for, how long a process remembers them, what is kept of them."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from carelane.kit import clock
from carelane.kit.auth import digest, system_actor
from carelane.kit.errors import WrongCredentialError
from carelane.organizations import actions, queries
from carelane.organizations.access import MAX_CACHED, CredentialCache, Gatekeeper
from carelane.organizations.queries import Authenticated


async def new_key(services, clinic, name, scopes=("catalog:read",)):
    organization_id = UUID(str(clinic.organization_id))
    async with services.db.transaction(system_actor(organization_id)) as conn:
        return await actions.create_credential(conn, system_actor(organization_id), "key", f"{name} {uuid4()}", scopes)


async def revoke(services, clinic, key_id):
    organization_id = UUID(str(clinic.organization_id))
    async with services.db.transaction(system_actor(organization_id)) as conn:
        return await actions.revoke_credential(conn, system_actor(organization_id), key_id)


async def test_a_key_speaks_for_its_organization_with_its_scopes(services, clinic):
    key_id, secret = await new_key(services, clinic, "speaks", ["catalog:read", "cases:read"])

    actor = await Gatekeeper(services.db, 0).actor_for(secret, "key", "request-1")

    assert secret.startswith("cvk_")
    assert str(actor.organization_id) == str(clinic.organization_id)
    assert (actor.kind, actor.id, actor.request_id) == ("key", key_id, "request-1")
    assert actor.scopes == {"catalog:read", "cases:read"}


async def test_only_the_digest_is_kept_and_use_is_noted(services, clinic):
    key_id, secret = await new_key(services, clinic, "digest")
    await Gatekeeper(services.db, 0).actor_for(secret, "key", None)

    async with services.db.reading(UUID(str(clinic.organization_id))) as conn:
        cursor = await conn.execute(
            "SELECT secret_digest, last_used_at, c::text FROM credentials c WHERE id = %s", (key_id,)
        )
        secret_digest, last_used_at, row = await cursor.fetchone()

    assert secret_digest == digest(secret)
    assert last_used_at is not None
    assert secret not in row


async def test_unknown_and_wrong_kind_are_refused_alike(services, clinic):
    gatekeeper = Gatekeeper(services.db, 5)
    for secret, kind in (("unknown", "key"), ("", "key"), (clinic.api_key, "client"), (clinic.client_secret, "key")):
        with pytest.raises(WrongCredentialError):
            await gatekeeper.actor_for(secret, kind, None)


async def test_a_revoked_key_works_no_longer_than_the_cache_remembers_it(services, clinic):
    key_id, secret = await new_key(services, clinic, "revoked")
    remembering, forgetful = Gatekeeper(services.db, 5), Gatekeeper(services.db, 0)
    await remembering.actor_for(secret, "key", None)

    assert await revoke(services, clinic, key_id)

    assert (await remembering.actor_for(secret, "key", None)).id == key_id
    with pytest.raises(WrongCredentialError):
        await forgetful.actor_for(secret, "key", None)
    with clock.moved(timedelta(seconds=6)), pytest.raises(WrongCredentialError):
        await remembering.actor_for(secret, "key", None)


async def test_a_credential_is_revoked_once(services, clinic):
    key_id, _ = await new_key(services, clinic, "once")
    assert await revoke(services, clinic, key_id)
    assert not await revoke(services, clinic, key_id)


async def test_refusals_are_not_remembered(services, clinic):
    gatekeeper = Gatekeeper(services.db, 60)
    secret = f"cvk_made-later-than-first-presented-{uuid4()}"
    with pytest.raises(WrongCredentialError):
        await gatekeeper.actor_for(secret, "key", None)

    organization_id = UUID(str(clinic.organization_id))
    async with services.db.transaction(system_actor(organization_id)) as conn:
        await actions.create_credential(
            conn, system_actor(organization_id), "key", f"late {uuid4()}", [], secret=secret
        )

    assert (await gatekeeper.actor_for(secret, "key", None)).kind == "key"


async def test_one_organization_cannot_revoke_or_see_anothers(services, clinic, other_clinic):
    key_id, _ = await new_key(services, clinic, "foreign")
    assert not await revoke(services, other_clinic, key_id)
    async with services.db.reading(UUID(str(other_clinic.organization_id))) as conn:
        assert await queries.list_credentials(conn, UUID(str(clinic.organization_id))) == []


def test_the_cache_is_bounded_and_drops_the_oldest(clinic):
    cache = CredentialCache(60)
    credential = Authenticated(UUID(str(clinic.organization_id)), UUID(int=1), "key", [], clinic.tenant, None)
    for number in range(MAX_CACHED + 1):
        cache.keep(number.to_bytes(4, "big"), credential)

    assert cache.find((0).to_bytes(4, "big")) is None
    assert cache.find((1).to_bytes(4, "big")) == credential
    assert cache.find(MAX_CACHED.to_bytes(4, "big")) == credential
