"""/users/me/files: what a patient sees, uploads, renames and deletes, and that all others' files are alike: not there."""

import asyncio
import base64
from uuid import UUID, uuid4

import pytest

from tests.factories.conversations import comment
from tests.factories.documents import attach
from tests.portal.cast import enroll, enter

FILES = "/api/v1/users/me/files"
UPLOAD = f"{FILES}/upload"
NOBODYS = "00000000-0000-4000-8000-000000000001"
CONTENT = b"%PDF-1.7 what the laboratory found"
MIME_TYPES = [
    "application/pdf", "application/msword", "text/csv", "text/plain", "image/jpeg", "image/png", "image/svg+xml", "image/tiff",
    "image/webp",
]  # fmt: skip
UPLOADED = {"id", "fileName", "isPHI", "isRestricted", "caseId", "createdAt"}


def body(**members):
    return {"name": "lab.pdf", "data": base64.b64encode(CONTENT).decode(), "mimeType": "application/pdf"} | members


async def upload(client, headers, **members):
    return await client.post(UPLOAD, json=body(**members), headers=headers)


async def uploaded(client, headers, **members):
    answer = await upload(client, headers, **members)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def listed(client, headers, **query):
    answer = await client.get(FILES, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return [file["id"] for file in answer.json()["data"]["files"]]


def fields_of(answer):
    return {problem["field"] for problem in answer.json()["errors"]}


@pytest.fixture
def attach_to(services, own):
    async def add(case_id, name="staff.pdf", **values):
        return str(await attach(services, UUID(own.organization_id), case_id, CONTENT, name, **values))

    return add


@pytest.mark.parametrize("mime_type", MIME_TYPES)
async def test_a_file_of_a_case_is_uploaded_and_read_again(client, inside, person, add_case, mime_type):
    case_id = str(await add_case())
    told = await uploaded(client, inside, caseId=case_id, mimeType=mime_type)
    assert set(told) == UPLOADED
    assert {name: told[name] for name in ("fileName", "isPHI", "isRestricted", "caseId")} == {
        "fileName": "lab.pdf",
        "isPHI": False,
        "isRestricted": False,
        "caseId": case_id,
    }
    one = (await client.get(f"{FILES}/{told['id']}/metadata", headers=inside)).json()
    by = {"id": str(person.id), "firstName": "Robin", "lastName": "Vale"}
    assert one == {"status": 200, "success": True, "data": told | {"uploadedBy": by}}
    assert (await client.get(FILES, headers=inside)).json()["data"]["files"] == [one["data"]]
    link = (await client.get(f"{FILES}/{told['id']}/download", headers=inside)).json()["data"]
    assert (set(link), link["fileName"], link["expiresIn"]) == (
        {"downloadUrl", "fileName", "expiresIn"},
        "lab.pdf",
        900,
    )
    opened = await client.get(link["downloadUrl"].removeprefix(str(client.base_url).rstrip("/")))
    assert (opened.status_code, opened.content) == (200, CONTENT)
    assert opened.headers["content-type"].startswith(mime_type)


async def test_a_file_of_no_case_is_found_by_its_id_alone(client, inside):
    told = await uploaded(client, inside)
    assert told["caseId"] is None
    assert await listed(client, inside) == []
    for end in ("metadata", "download"):
        assert (await client.get(f"{FILES}/{told['id']}/{end}", headers=inside)).status_code == 200


async def test_a_data_url_is_a_file_too(client, inside):
    data = f"data:application/pdf;base64,{base64.b64encode(CONTENT).decode()}"
    assert (await upload(client, inside, data=data)).status_code == 200


async def test_names_and_bytes_are_sealed_and_the_upload_is_told(client, services, own, person, inside, add_case, look):
    case_id = await add_case()
    told = await uploaded(client, inside, caseId=str(case_id), name="hiv result.pdf")
    [(name, key)] = await look("SELECT file_name_sealed, storage_key FROM attachments WHERE id = %s", told["id"])
    assert b"hiv" not in bytes(name)
    data_key = await services.keyring.data_key(UUID(own.organization_id))
    assert await services.storage.get(data_key, key, UUID(told["id"])) == CONTENT
    events = await look("SELECT type, actor_kind, actor_id, target_id FROM events WHERE case_id = %s", case_id)
    assert events == [("ADD_CASE_ATTACHMENT", "patient", person.id, UUID(told["id"]))]


async def test_reads_are_recorded(client, inside, add_case, look):
    told = await uploaded(client, inside, caseId=str(await add_case()))
    for path in (FILES, f"{FILES}/{told['id']}/metadata", f"{FILES}/{told['id']}/download"):
        assert (await client.get(path, headers=inside)).status_code == 200
    reads = await look(
        "SELECT actor_kind FROM phi_reads WHERE record_kind = 'attachment' AND record_id = %s", told["id"]
    )
    assert reads == [("patient",)] * 3


async def test_the_list_is_filtered(client, inside, add_case, attach_to):
    one, two = await add_case(), await add_case()
    first, second = await attach_to(one, is_phi=True), await attach_to(two)
    assert await listed(client, inside) == [second, first]
    assert await listed(client, inside, caseId=str(one)) == [first]
    assert await listed(client, inside, type="phi") == [first]
    assert await listed(client, inside, type="general") == [second]
    assert await listed(client, inside, type="phi", caseId=str(two)) == []
    for query in ({"type": "other"}, {"caseId": "x"}):
        wrong = await client.get(FILES, params=query, headers=inside)
        assert (wrong.status_code, fields_of(wrong)) == (400, set(query))


async def test_what_is_for_staff_alone_is_not_there(client, services, own, inside, add_case, attach_to):
    case_id = await add_case()
    note = await comment(services, UUID(own.organization_id), case_id, "A note", is_restricted=True)
    hidden = [await attach_to(case_id, is_restricted=True), await attach_to(case_id, comment_id=note)]
    assert await listed(client, inside) == []
    for file_id in hidden:
        assert (await client.get(f"{FILES}/{file_id}/metadata", headers=inside)).status_code == 404


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": None}, "name"),
        ({"data": "no base64!"}, "data"),
        ({"data": ""}, "data"),
        ({"data": 7}, "data"),
        ({"mimeType": "text/html"}, "mimeType"),
        ({"mimeType": None}, "mimeType"),
        ({"caseId": "x"}, "caseId"),
    ],
)
async def test_a_bad_upload_is_named_and_nothing_is_kept(client, own, inside, look, members, field):
    answer = await upload(client, inside, **members)
    assert (answer.status_code, answer.json()["code"], fields_of(answer)) == (400, "VALIDATION_ERROR", {field})
    assert await look("SELECT id FROM attachments WHERE organization_id = %s", own.organization_id) == []


async def test_a_case_of_somebody_else_takes_no_file_and_lists_none(client, services, own, inside, add_case):
    stranger = await enroll(services, own)
    for case_id in (str(await add_case(patient_id=stranger.id)), str(uuid4())):
        refused = await upload(client, inside, caseId=case_id)
        unseen = await client.get(FILES, params={"caseId": case_id}, headers=inside)
        for answer in (refused, unseen):
            told = (answer.status_code, answer.json()["code"], answer.json()["error"])
            assert told == (403, "VALIDATION_ERROR", "You do not have access to this case")


async def test_a_closed_case_takes_no_file(client, inside, add_case):
    answer = await upload(client, inside, caseId=str(await add_case(is_archived=True)))
    assert (answer.status_code, answer.json()["error"]) == (400, "The case is closed")


async def test_an_upload_that_is_repeated_is_kept_once(client, own, inside, look):
    headers = inside | {"Idempotency-Key": uuid4().hex}
    first, second = await upload(client, headers), await upload(client, headers)
    assert (first.status_code, second.content) == (200, first.content)
    assert len(await look("SELECT id FROM attachments WHERE organization_id = %s", own.organization_id)) == 1


async def test_the_uploader_renames(client, inside, add_case):
    told = await uploaded(client, inside, caseId=str(await add_case()))
    path = f"{FILES}/{told['id']}/metadata"
    answer = await client.patch(path, json={"fileName": "blood.pdf"}, headers=inside)
    assert (answer.status_code, answer.json()["data"]["fileName"]) == (200, "blood.pdf")
    assert (await client.get(path, headers=inside)).json()["data"] == answer.json()["data"]
    for bad in ({}, {"fileName": ""}, {"fileName": " "}, {"fileName": "x" * 256}):
        wrong = await client.patch(path, json=bad, headers=inside)
        assert (wrong.status_code, fields_of(wrong)) == (400, {"fileName"})


async def test_the_uploader_deletes_and_the_case_remembers(client, inside, person, add_case, look):
    case_id = await add_case()
    told = await uploaded(client, inside, caseId=str(case_id))
    path = f"{FILES}/{told['id']}"
    answer = await client.delete(path, headers=inside)
    assert answer.json() == {"status": 200, "success": True, "message": "File deleted successfully"}
    assert await listed(client, inside) == []
    assert [row[0] is None for row in await look("SELECT deleted_at FROM attachments WHERE id = %s", told["id"])] == [
        False
    ]
    events = await look("SELECT type, actor_id, target_id FROM events WHERE case_id = %s ORDER BY number", case_id)
    assert events[1:] == [("DELETE_ATTACHMENT", person.id, UUID(told["id"]))]
    assert (await client.delete(path, headers=inside)).status_code == 404


async def test_of_many_deletions_at_once_one_succeeds(client, inside, add_case, look):
    case_id = await add_case()
    path = f"{FILES}/{(await uploaded(client, inside, caseId=str(case_id)))['id']}"
    answers = await asyncio.gather(*(client.delete(path, headers=inside) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 5
    assert len(await look("SELECT id FROM events WHERE case_id = %s AND type = 'DELETE_ATTACHMENT'", case_id)) == 1


async def ways(client, headers, file_id):
    path = f"{FILES}/{file_id}"
    yield await client.get(f"{path}/metadata", headers=headers)
    yield await client.get(f"{path}/download", headers=headers)
    yield await client.patch(f"{path}/metadata", json={"fileName": "mine.pdf"}, headers=headers)
    yield await client.delete(path, headers=headers)


async def test_a_file_of_another_patient_is_not_there(client, services, own, inside, add_case):
    stranger = await enroll(services, own)
    theirs = await enter(client, services, own, stranger)
    case_id = str(await add_case(patient_id=stranger.id))
    files = [await uploaded(client, theirs, caseId=case_id), await uploaded(client, theirs)]
    for file_id in (*(file["id"] for file in files), str(uuid4())):
        async for answer in ways(client, inside, file_id):
            told = (answer.status_code, answer.json()["error"], answer.json()["code"])
            assert told == (404, "File not found", "VALIDATION_ERROR")
    for file in files:
        assert (await client.get(f"{FILES}/{file['id']}/metadata", headers=theirs)).json()["data"][
            "fileName"
        ] == "lab.pdf"


async def test_what_the_clinic_uploaded_is_read_only(client, inside, add_case, attach_to):
    file_id = await attach_to(await add_case())
    answers = [answer.status_code async for answer in ways(client, inside, file_id)]
    assert answers == [200, 200, 404, 404]


async def test_an_id_that_is_none_is_400(client, inside):
    async for answer in ways(client, inside, "x"):
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", FILES),
        ("GET", f"{FILES}/{NOBODYS}/metadata"),
        ("GET", f"{FILES}/{NOBODYS}/download"),
        ("POST", UPLOAD),
        ("PATCH", f"{FILES}/{NOBODYS}/metadata"),
        ("DELETE", f"{FILES}/{NOBODYS}"),
    ],
)
async def test_nobody_comes_in_without_key_and_token(client, own, other_clinic, inside, method, path):
    sent = {"json": body() | {"fileName": "x"}} if method in {"POST", "PATCH"} else {}
    statuses = [
        (await client.request(method, path, headers=headers, **sent)).status_code
        for headers in ({}, own.key, inside | {"cv-api-key": "cvk_wrong"}, inside | other_clinic.key)
    ]
    assert statuses == [400, 401, 404, 401]
