"""How documents leave with their case: as base64, as links, or not at all."""

import base64
from urllib.parse import urlsplit

from tests.detail.asking import read_case
from tests.factories.conversations import comment
from tests.factories.documents import attach

CONTENT = bytes(range(256)) * 3


async def test_base64_is_the_default(client, juniper, services, organization_id, case_id):
    await attach(services, organization_id, case_id, CONTENT)
    (document,) = (await read_case(client, juniper, case_id, includeAttachments="true"))["attachments"]
    assert base64.b64decode(document["content"]) == CONTENT
    assert "url" not in document


async def test_base64_may_be_said(client, juniper, services, organization_id, case_id):
    await attach(services, organization_id, case_id, CONTENT)
    detail = await read_case(client, juniper, case_id, includeAttachments="true", documentFormat="base64")
    assert base64.b64decode(detail["attachments"][0]["content"]) == CONTENT


async def test_a_url_leads_to_the_bytes_without_credentials(
    client, juniper, services, server, organization_id, case_id
):
    await attach(services, organization_id, case_id, CONTENT)
    detail = await read_case(client, juniper, case_id, includeAttachments="true", documentFormat="url")
    (document,) = detail["attachments"]
    assert "content" not in document
    assert document["url"].startswith(f"{server.url}/documents/")
    assert (await client.get(urlsplit(document["url"]).path)).content == CONTENT


async def test_a_deleted_document_is_named_but_not_given(client, juniper, services, organization_id, case_id):
    await attach(services, organization_id, case_id, CONTENT, deleted_at="2026-02-01T00:00:00Z")
    for document_format in ("base64", "url"):
        detail = await read_case(client, juniper, case_id, includeAttachments="true", documentFormat=document_format)
        (document,) = detail["attachments"]
        assert document["isDeleted"] is True
        assert not {"url", "content"} & set(document)


async def test_documents_of_comments_stand_with_their_comment(client, juniper, services, organization_id, case_id):
    for text, is_restricted in (("seen", False), ("unseen", True)):
        comment_id = await comment(services, organization_id, case_id, text, is_restricted=is_restricted)
        await attach(services, organization_id, case_id, text.encode(), comment_id=comment_id)
    detail = await read_case(client, juniper, case_id, includeAttachments="true")
    assert detail["attachments"] == []
    found = [base64.b64decode(one["attachments"][0]["content"]) for one in (*detail["comments"], *detail["notes"])]
    assert found == [b"seen", b"unseen"]


async def test_the_place_of_a_document_in_storage_never_leaves(client, juniper, services, organization_id, case_id):
    await attach(services, organization_id, case_id, CONTENT)
    for document_format in ("base64", "url"):
        detail = await read_case(client, juniper, case_id, includeAttachments="true", documentFormat=document_format)
        assert not {"storageKey", "sizeBytes"} & set(detail["attachments"][0])
