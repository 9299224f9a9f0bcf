"""Logos in the billing dialect."""

from urllib.parse import urlsplit

import pytest

from tests.pictures import NO_PICTURES, heavy, png

UPLOADS = ("/tenant/upload-logo", "/tenant/upload-receipt-logo")


def file(content):
    return {"file": ("logo.png", content)}


async def test_there_is_none_to_begin_with(client, own):
    assert (await client.get("/tenant/logo", headers=own.billing)).json() == ""
    shown = (await client.get("/tenant/public", headers=own.billing)).json()
    assert (shown["logoUrl"], shown["receiptLogoUrl"]) == ("", None)


@pytest.mark.parametrize("upload", UPLOADS)
async def test_an_upload_answers_with_the_address(client, own, upload):
    answer = await client.post(upload, files=file(png()), headers=own.billing)
    assert answer.status_code == 200, answer.text
    assert (await client.get(urlsplit(answer.json()).path)).content == png()
    is_for_pages = upload == UPLOADS[0]
    assert (await client.get("/tenant/logo", headers=own.billing)).json() == (answer.json() if is_for_pages else "")
    member = "logoUrl" if is_for_pages else "receiptLogoUrl"
    assert (await client.get("/tenant/public", headers=own.billing)).json()[member] == answer.json()


@pytest.mark.parametrize("upload", UPLOADS)
async def test_who_may(client, own, upload):
    assert (await client.post(upload, files=file(png()))).status_code == 401
    reader = own.billing | {"API-KEY": own.catalog_only_key}
    assert (await client.post(upload, files=file(png()), headers=reader)).status_code == 403
    wrong = own.billing | {"TENANT": "another"}
    assert (await client.post(upload, files=file(png()), headers=wrong)).status_code == 401
    assert (await client.get("/tenant/logo")).status_code == 401


@pytest.mark.parametrize("upload", UPLOADS)
@pytest.mark.parametrize("content", [NO_PICTURES["page"], NO_PICTURES["cut PNG"], heavy(200_000), png(2_001, 1)])
async def test_what_is_no_logo_is_a_422_that_names_the_field(client, own, upload, content):
    answer = await client.post(upload, files=file(content), headers=own.billing)
    assert answer.status_code == 422
    (problem,) = answer.json()["detail"]
    assert problem["loc"] == ["body", "file"]
    assert "expected" in problem["msg"]
    missing = await client.post(upload, json={}, headers=own.billing)
    assert missing.status_code == 422
    assert missing.json()["detail"][0]["loc"] == ["body", "file"]


async def test_a_key_makes_it_happen_once(client, own):
    headers = own.billing | {"Idempotency-Key": "logo-1"}
    first, again = [await client.post(UPLOADS[0], files=file(png()), headers=headers) for _ in range(2)]
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["idempotent-replayed"] == "true"
