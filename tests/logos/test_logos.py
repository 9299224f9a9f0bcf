"""A clinic's logo: uploaded by staff and by keys, shown to whoever knows its address."""

import base64
import hashlib
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from tests.logos.test_billing import UPLOADS
from tests.own_clinic import make_clinic
from tests.pictures import JPEG, NO_PICTURES, WEBP, heavy, png
from tests.review.people import employ

DESK = "/api/staff/catalog/branding"
PAGES, RECEIPTS = f"{DESK}/logos/pages", f"{DESK}/logos/receipts"
# A picture is there as long as any clinic shows it, so these are of this file alone.
BLUE, RED = png(color=(20, 60, 145)), png(color=(140, 29, 19))
# With a comment behind the first marker.
OWN_JPEG = JPEG[:2] + b"\xff\xfe\x00\x06logo" + JPEG[2:]


def file(content, name="logo.png"):
    return {"file": (name, content)}


async def events_of(services, clinic):
    statement = (
        "SELECT value_before, value_after FROM events WHERE type = 'ORGANIZATION_CHANGED' AND value_before LIKE 'logo%'"
    )
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        return await (await conn.execute(statement)).fetchall()


@pytest.mark.parametrize(
    ("content", "media_type"), [(BLUE, "image/png"), (OWN_JPEG, "image/jpeg"), (WEBP, "image/webp")]
)
async def test_a_logo_is_uploaded_shown_and_removed(client, services, own, ida, content, media_type):
    put = await client.put(PAGES, files=file(content), headers=ida.headers)
    assert put.status_code == 200, put.text
    logo, digest = put.json()["logo"], hashlib.sha256(content).hexdigest()
    told = {"mediaType": media_type, "width": 24, "height": 8, "bytes": len(content)}
    assert logo == told | {"url": logo["url"]}
    assert urlsplit(logo["url"]).path == f"/logos/{digest}"
    branding = (await client.get(DESK, headers=ida.headers)).json()
    assert (branding["logo"], branding["receiptLogo"]) == (logo, None)
    shown = await client.get(urlsplit(logo["url"]).path)
    assert shown.content == content
    assert shown.headers["content-type"] == media_type
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-security-policy"] == "sandbox; default-src 'none'"
    for _ in range(2):
        gone = await client.delete(PAGES, headers=ida.headers)
        assert gone.json() == {"logo": None, "receiptLogo": None}
    assert (await client.get(f"/logos/{digest}")).status_code == 404
    assert await events_of(services, own) == [("logo: pages", "CHANGED")] * 2


async def test_another_picture_has_another_address_and_the_same_one_is_no_change(client, services, own, ida):
    first = (await client.put(PAGES, files=file(BLUE), headers=ida.headers)).json()
    as_json = {"file": base64.b64encode(BLUE).decode()}
    assert (await client.put(PAGES, json=as_json, headers=ida.headers)).json() == first
    assert len(await events_of(services, own)) == 1
    second = (await client.put(PAGES, files=file(RED, "photo.jpg"), headers=ida.headers)).json()
    assert second["logo"]["url"] != first["logo"]["url"]
    assert second["logo"]["mediaType"] == "image/png"
    assert (await client.get(urlsplit(first["logo"]["url"]).path)).status_code == 404


async def test_receipts_may_have_one_of_their_own(client, ida):
    await client.put(PAGES, files=file(BLUE), headers=ida.headers)
    both = (await client.put(RECEIPTS, files=file(RED), headers=ida.headers)).json()
    assert both["logo"]["url"] != both["receiptLogo"]["url"]
    assert (await client.delete(PAGES, headers=ida.headers)).json() == both | {"logo": None}


async def test_a_key_makes_it_happen_once(client, ida):
    headers = ida.headers | {"Idempotency-Key": "logo-1"}
    first = await client.put(PAGES, files=file(BLUE), headers=headers)
    again = await client.put(PAGES, files=file(BLUE), headers=headers)
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("name", sorted(NO_PICTURES.keys() - {"empty"}))
async def test_what_is_no_picture_is_refused(client, ida, name):
    """Whatever it is called and said to be."""
    sent = {"file": ("logo.png", NO_PICTURES[name], "image/png")}
    answer = await client.put(PAGES, files=sent, headers=ida.headers)
    assert answer.status_code == 422, answer.text
    problem = {"field": "file", "message": "expected a PNG, JPEG or WebP picture, whole and with nothing behind it"}
    assert answer.json()["errors"][0].items() >= problem.items()
    assert (await client.get(DESK, headers=ida.headers)).json()["logo"] is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (heavy(200_000), "expected at most 200 kB; it has 200 kB"),
        (png(2_001, 3), "expected at most 2,000 x 2,000 pixels; it has 2,001 x 3"),
        (png(3, 2_001), "expected at most 2,000 x 2,000 pixels; it has 3 x 2,001"),
    ],
)
async def test_what_is_too_large_is_refused(client, ida, content, said):
    answer = await client.put(PAGES, files=file(content), headers=ida.headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0].items() >= {"field": "file", "message": said}.items()


async def test_the_largest_is_good(client, ida):
    answer = await client.put(PAGES, files=file(png(2_000, 2_000)), headers=ida.headers)
    assert (answer.json()["logo"]["width"], answer.json()["logo"]["height"]) == (2_000, 2_000)


async def test_a_body_without_a_file_is_refused(client, ida):
    for sent in ({"json": {}}, {"json": {"file": "***"}}, {"files": file(b"")}):
        answer = await client.put(PAGES, headers=ida.headers, **sent)
        assert answer.status_code == 400, answer.text
        assert answer.json()["errors"][0]["field"] == "file"


async def test_who_may(client, services, own, ida):
    for role, expected in (("CASEMANAGER", 403), ("CASEWORKER", 403), ("SUPPORT", 403)):
        member = await employ(services, own, "Mia", role=role)
        assert (await client.put(PAGES, files=file(BLUE), headers=member.headers)).status_code == expected
        assert (await client.delete(PAGES, headers=member.headers)).status_code == expected
    assert (await client.put(PAGES, files=file(BLUE))).status_code == 401
    assert (await client.delete(PAGES)).status_code == 401
    for method in ("put", "delete"):
        sent = {"files": file(BLUE)} if method == "put" else {}
        answer = await getattr(client, method)(f"{DESK}/logos/walls", headers=ida.headers, **sent)
        assert answer.status_code == 404


async def test_clinics_have_their_own(client, services, own, ida, tmp_path):
    """The same picture of two clinics is at one address; one of them takes only its own away."""
    other = await make_clinic(services, tmp_path)
    eve = await employ(services, other, "Eve", role="ADMIN")
    url = (await client.put(PAGES, files=file(BLUE), headers=ida.headers)).json()["logo"]["url"]
    assert (await client.get(DESK, headers=eve.headers)).json()["logo"] is None
    await client.delete(PAGES, headers=eve.headers)
    await client.put(PAGES, files=file(BLUE), headers=eve.headers)
    await client.delete(PAGES, headers=eve.headers)
    assert (await client.get(urlsplit(url).path)).status_code == 200
    assert (await client.get(DESK, headers=ida.headers)).json()["logo"]["url"] == url


@pytest.mark.parametrize("digest", ["x", "0" * 64, "A" * 64, "0" * 63 + "\u0660", "..%2f..%2fetc", "0" * 65])
async def test_an_address_that_is_nobodys_leads_nowhere(client, digest):
    assert (await client.get(f"/logos/{digest}")).status_code == 404


async def test_the_billing_dialect_shows_what_staff_uploaded(client, own, ida):
    logo = (await client.put(PAGES, files=file(BLUE), headers=ida.headers)).json()["logo"]["url"]
    assert (await client.get("/tenant/logo", headers=own.billing)).json() == logo
    uploaded = await client.post(UPLOADS[1], files=file(RED), headers=own.billing)
    shown = (await client.get("/tenant/public", headers=own.billing)).json()
    assert (shown["logoUrl"], shown["receiptLogoUrl"]) == (logo, uploaded.json())
