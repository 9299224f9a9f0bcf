"""The secret in a header of its own beside the signature; and names that switched-off endpoints give back."""

import asyncio
import hashlib
import hmac
from uuid import UUID

import pytest

from carelane.apply.actions import apply_file
from tests.detail.asking import create_case
from tests.own_clinic import make_clinic
from tests.webhooks.test_listeners import create

URL = "/api/staff/webhook-endpoints"
GOOD = {"name": "Storefront", "url": "http://127.0.0.1:9/hook"}


async def test_the_secret_comes_in_the_header_beside_the_signature(client, clinic, admin, hook):
    hooked = await hook(secretHeader="X-Shop-Token")
    await create_case(client, clinic)
    (request,) = await hooked.gets("CREATE_CASE")
    assert request.headers["x-shop-token"] == hooked.secret
    assert (
        request.headers["x-cv-signature"] == hmac.new(hooked.secret.encode(), request.body, hashlib.sha256).hexdigest()
    )
    url = f"{URL}/{hooked.id}"
    assert (await client.patch(url, json={"name": "Other"}, headers=admin)).json()["secretHeader"] == "X-Shop-Token"
    assert (await client.patch(url, json={"secretHeader": None}, headers=admin)).json()["secretHeader"] is None
    await create_case(client, clinic)
    _, later = await hooked.gets("CREATE_CASE", 2)
    assert hooked.secret not in later.headers.values()


async def test_after_a_rotation_it_is_the_new_secret(client, clinic, admin, hook):
    hooked = await hook(secretHeader="Authorization")
    secret = (await client.post(f"{URL}/{hooked.id}/rotate-secret", json={}, headers=admin)).json()["secret"]
    await create_case(client, clinic)
    (request,) = await hooked.gets("CREATE_CASE")
    assert request.headers["authorization"] == secret


@pytest.mark.parametrize(
    "name",
    ["", "Content-Type", "HOST", "content-length", "Transfer-Encoding", "webhook-id", "Webhook-Signature", "x-cv-signature",
     "Decoda-Signature", "User-Agent", "Cookie", "Connection", "X-Forwarded-For", "Proxy-Authorization", "two words", "a:b",
     "a\r\nb", "X-Ärger", "x" * 101, 7, ["X-A"]],
)  # fmt: skip
@pytest.mark.parametrize("is_new", [True, False])
async def test_a_header_that_is_none_or_taken_is_refused(client, admin, hook, name, is_new):
    if is_new:
        answer = await client.post(URL, json=GOOD | {"secretHeader": name}, headers=admin)
    else:
        answer = await client.patch(f"{URL}/{(await hook()).id}", json={"secretHeader": name}, headers=admin)
    assert answer.status_code in {400, 422}
    assert "secretHeader" in answer.text


async def test_the_file_says_it_too(services, tmp_path, client):
    hooks = [{"name": "Shop", "url": "https://shop.example/", "secretHeader": "X-Shop-Token"}]
    clinic = await make_clinic(services, tmp_path, parts={"webhooks": hooks})
    path = tmp_path / f"{clinic.tenant}.yaml"
    statement = "SELECT secret_header FROM webhook_endpoints WHERE organization_id = %s"
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        assert await (await conn.execute(statement, (clinic.organization_id,))).fetchall() == [("X-Shop-Token",)]
    for text, expected in (("X-Other", "X-Other"), ("Host", None)):
        path.write_text(path.read_text().replace("X-Shop-Token", text))
        if expected is None:
            with pytest.raises(Exception, match=r"webhooks\[0\]\.secretHeader"):
                await apply_file(services, path, False, {})
            continue
        await apply_file(services, path, False, {})
        async with services.db.reading(UUID(clinic.organization_id)) as conn:
            assert await (await conn.execute(statement, (clinic.organization_id,))).fetchall() == [(expected,)]
        path.write_text(path.read_text().replace("X-Other", "X-Shop-Token"))


async def test_what_is_switched_off_gives_its_name_back(client, admin):
    first = (await client.post(URL, json=GOOD, headers=admin)).json()
    assert (await client.post(URL, json=GOOD, headers=admin)).status_code == 409
    await client.delete(f"{URL}/{first['id']}", headers=admin)
    second = await client.post(URL, json=GOOD, headers=admin)
    assert second.status_code == 201
    back = await client.post(f"{URL}/{first['id']}/enable", headers=admin)
    assert (back.status_code, "name" in back.text) == (409, True)
    assert (await client.get(f"{URL}/{first['id']}", headers=admin)).json()["disabledAt"] is not None
    await client.patch(f"{URL}/{first['id']}", json={"name": "Another"}, headers=admin)
    assert (await client.post(f"{URL}/{first['id']}/enable", headers=admin)).status_code == 200


async def test_of_many_who_take_a_name_at_once_one_gets_it(client, admin):
    answers = await asyncio.gather(*[client.post(URL, json=GOOD, headers=admin) for _ in range(16)])
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 15


async def test_a_file_means_the_one_of_the_name_that_is_on(client, services, tmp_path):
    hooks = [{"name": "Shop", "url": "https://shop.example/"}]
    clinic = await make_clinic(services, tmp_path, parts={"webhooks": hooks})
    await create(client, clinic)
    path = tmp_path / f"{clinic.tenant}.yaml"
    path.write_text(path.read_text().replace("https://shop.example/", "https://shop.example/new"))
    await apply_file(services, path, False, {})
    statement = "SELECT url, dialect FROM webhook_endpoints WHERE organization_id = %s ORDER BY dialect DESC"
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        found = await (await conn.execute(statement, (clinic.organization_id,))).fetchall()
    assert found == [("https://shop.example/new", "CARE"), ("http://127.0.0.1:9/hook", "BILLING")]
