"""Both signatures, checked as receivers check them."""

import base64
import hashlib
import hmac
import json
from uuid import UUID

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from tests.detail.asking import create_case

URL = "/api/staff/webhook-endpoints"


def cv_signature(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


async def test_both_signatures_are_over_the_very_bytes_that_arrive(client, clinic, hook):
    hooked = await hook()
    await create_case(client, clinic)
    (request, *_) = await hooked.gets("CREATE_CASE")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-cv-signature"] == cv_signature(hooked.secret, request.body)
    assert Webhook(hooked.secret).verify(request.body, request.headers)["event"] == "CREATE_CASE"
    assert request.headers["webhook-id"] == request.json["id"]


async def test_a_changed_byte_is_noticed(client, clinic, hook):
    hooked = await hook()
    await create_case(client, clinic)
    (request, *_) = await hooked.gets("CREATE_CASE")
    changed = request.body.replace(b"CREATE_CASE", b"CREATE_CASF", 1)
    assert cv_signature(hooked.secret, changed) != request.headers["x-cv-signature"]
    with pytest.raises(WebhookVerificationError):
        Webhook(hooked.secret).verify(changed, request.headers)


async def test_a_secret_of_ones_own_is_the_key_as_it_stands(client, clinic, hook):
    secret = "correct horse battery".replace(" ", "-")
    hooked = await hook(secret=secret)
    assert hooked.secret == secret
    await create_case(client, clinic)
    (request, *_) = await hooked.gets("CREATE_CASE")
    assert request.headers["x-cv-signature"] == cv_signature(secret, request.body)
    Webhook(base64.b64encode(secret.encode()).decode()).verify(request.body, request.headers)


async def test_during_a_rotation_the_old_secret_and_the_new_are_both_good(client, clinic, admin, hook):
    hooked = await hook()
    rotated = await client.post(f"{URL}/{hooked.id}/rotate-secret", json={}, headers=admin)
    new = rotated.json()["secret"]
    assert new != hooked.secret
    await create_case(client, clinic)
    (request, *_) = await hooked.gets("CREATE_CASE")
    assert request.headers["webhook-signature"].count("v1,") == 2
    for secret in (hooked.secret, new):
        Webhook(secret).verify(request.body, request.headers)
    assert request.headers["x-cv-signature"] == cv_signature(new, request.body)


async def test_after_the_rotation_only_the_new_secret_is_good(client, clinic, admin, hook):
    hooked = await hook()
    body = {"secret": "a-secret-of-our-own-choice", "previousValidSeconds": 0}
    rotated = await client.post(f"{URL}/{hooked.id}/rotate-secret", json=body, headers=admin)
    assert rotated.json()["secret"] == body["secret"]
    await create_case(client, clinic)
    (request, *_) = await hooked.gets("CREATE_CASE")
    assert request.headers["webhook-signature"].count("v1,") == 1
    with pytest.raises(WebhookVerificationError):
        Webhook(hooked.secret).verify(request.body, request.headers)


async def test_secrets_are_shown_once_and_lie_sealed(client, admin, hook, services, clinic):
    hooked = await hook()
    shown = await client.get(f"{URL}/{hooked.id}", headers=admin)
    listed = await client.get(URL, headers=admin)
    assert hooked.secret not in shown.text + listed.text
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        cursor = await conn.execute("SELECT secret_sealed FROM webhook_endpoints WHERE id = %s", (hooked.id,))
        ((sealed,),) = await cursor.fetchall()
    assert hooked.secret.encode() not in bytes(sealed)


async def test_the_body_is_json_as_any_reader_reads_it(client, clinic, hook):
    hooked = await hook()
    await create_case(client, clinic)
    (request, *_) = await hooked.gets("CREATE_CASE")
    assert list(json.loads(request.body)) == ["event", "payload", "id", "sequence", "timestamp"]
