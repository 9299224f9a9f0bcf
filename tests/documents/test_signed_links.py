"""A signed link gives one document, for fifteen minutes, to whoever holds it; nothing else does."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from carelane.documents.access import LIFETIME_SECONDS, Link, sign_link
from carelane.kit import clock
from carelane.kit.ids import uuid7
from tests.detail.asking import create_case
from tests.factories.documents import attach
from tests.factories.rows import update_row

CONTENT = b"\x89PNG\r\n\x1a\n and what follows \x00\xff"
NAME = 'Röntgen "left"; 50%.png'


@pytest.fixture(scope="session")
def organization_id(other_clinic) -> UUID:
    return UUID(other_clinic.organization_id)


@pytest.fixture(scope="session")
async def case_id(client, other_clinic) -> UUID:
    return await create_case(client, other_clinic)


@pytest.fixture
async def document_id(services, organization_id, case_id) -> UUID:
    return await attach(services, organization_id, case_id, CONTENT, NAME, content_type="image/png")


@pytest.fixture
def token(services, organization_id, document_id) -> str:
    return sign_link(services.link_key, Link(organization_id, document_id))


def signed(services, seconds_ago: float, link: Link) -> str:
    """A link as it was given out some time ago."""
    with clock.moved(timedelta(seconds=-seconds_ago)):
        return sign_link(services.link_key, link)


async def path_of(services, organization_id, document_id) -> Path:
    async with services.db.reading(organization_id) as conn:
        cursor = await conn.execute("SELECT storage_key FROM attachments WHERE id = %s", (document_id,))
        return services.settings.data_dir / "documents" / (await cursor.fetchone())[0]


async def test_the_bytes_come_without_credentials(client, token):
    answer = await client.get(f"/documents/{token}")
    assert (answer.status_code, answer.content) == (200, CONTENT)


async def test_the_headers_keep_the_document_out_of_pages_and_caches(client, token):
    headers = (await client.get(f"/documents/{token}")).headers
    assert headers["content-type"] == "image/png"
    assert headers["content-disposition"] == ("attachment; filename*=UTF-8''R%C3%B6ntgen%20%22left%22%3B%2050%25.png")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "private, no-store"
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert headers["content-length"] == str(len(CONTENT))


async def test_a_link_is_good_almost_to_its_end(client, services, organization_id, document_id):
    token = signed(services, LIFETIME_SECONDS - 30, Link(organization_id, document_id))
    assert (await client.get(f"/documents/{token}")).status_code == 200


async def test_a_link_ends_after_fifteen_minutes(client, services, organization_id, document_id):
    token = signed(services, 15 * 60, Link(organization_id, document_id))
    answer = await client.get(f"/documents/{token}")
    assert answer.status_code == 410
    assert answer.json()["error"] == "This link has expired; ask for a new one"


async def test_one_changed_character_anywhere_is_404(client, token):
    for position, letter in enumerate(token):
        changed = token[:position] + ("A" if letter != "A" else "B") + token[position + 1 :]
        assert (await client.get(f"/documents/{changed}")).status_code == 404, position


@pytest.mark.parametrize("end", ["", "A", "=", "==", "%00", "%20", "é", "/x", ".."])
async def test_what_is_no_whole_link_is_404(client, token, end):
    path = f"/documents/{token[:-2]}" if end == "" else f"/documents/{token}{end}"
    assert (await client.get(path)).status_code == 404


async def test_a_link_signed_with_another_key_is_404(client, organization_id, document_id):
    token = sign_link(b"k" * 32, Link(organization_id, document_id))
    assert (await client.get(f"/documents/{token}")).status_code == 404


async def test_another_organizations_link_does_not_reach_the_document(client, services, clinic, document_id):
    token = sign_link(services.link_key, Link(UUID(clinic.organization_id), document_id))
    assert (await client.get(f"/documents/{token}")).status_code == 404


@pytest.mark.parametrize("organization", [None, uuid4()])
async def test_unknown_documents_and_organizations_are_404(client, services, organization_id, organization):
    token = sign_link(services.link_key, Link(organization or organization_id, uuid7()))
    assert (await client.get(f"/documents/{token}")).status_code == 404


async def test_a_deleted_document_is_404_at_once(client, services, organization_id, document_id, token):
    await update_row(services, organization_id, "attachments", document_id, deleted_at=clock.now())
    assert (await client.get(f"/documents/{token}")).status_code == 404


async def test_a_document_that_storage_has_lost_is_404(client, services, organization_id, document_id, token):
    (await path_of(services, organization_id, document_id)).unlink()
    assert (await client.get(f"/documents/{token}")).status_code == 404


async def test_the_bytes_in_storage_are_sealed(services, organization_id, document_id):
    assert CONTENT not in (await path_of(services, organization_id, document_id)).read_bytes()


@pytest.mark.parametrize("position", [0, 1, 20, -1])
async def test_changed_bytes_are_not_served(client, services, organization_id, document_id, token, position):
    path = await path_of(services, organization_id, document_id)
    stored = bytearray(path.read_bytes())
    stored[position] ^= 1
    path.write_bytes(stored)
    answer = await client.get(f"/documents/{token}")
    assert answer.status_code == 500
    assert set(answer.json()) == {"status", "success", "error", "requestId"}


async def test_another_documents_bytes_in_its_place_are_not_served(
    client, services, organization_id, case_id, document_id, token
):
    other_id = await attach(services, organization_id, case_id, b"of somebody else")
    other = await path_of(services, organization_id, other_id)
    (await path_of(services, organization_id, document_id)).write_bytes(other.read_bytes())
    assert (await client.get(f"/documents/{token}")).status_code == 500


async def test_opening_a_link_is_recorded(client, services, organization_id, document_id, token):
    request_id = f"link-{uuid4().hex}"
    await client.get(f"/documents/{token}", headers={"x-request-id": request_id})
    async with services.db.reading(organization_id) as conn:
        cursor = await conn.execute(
            "SELECT actor_kind, record_kind, reason, request_id FROM phi_reads WHERE record_id = %s", (document_id,)
        )
        assert await cursor.fetchall() == [("system", "attachment", "signed link", request_id)]


async def test_one_link_does_not_open_another_document(client, services, organization_id, case_id, token):
    await attach(services, organization_id, case_id, b"not this one")
    assert (await client.get(f"/documents/{token}")).content == CONTENT
