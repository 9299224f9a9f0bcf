"""FILE answers become documents: what was sent comes back byte for byte, and only ciphertext is stored."""

import base64
import os

import httpx
import pytest

from tests.cases.bodies import case_body, question, with_questions
from tests.cases.problems import fields

PDF = b"%PDF-1.7\n" + os.urandom(3_000)
PNG = b"\x89PNG\r\n\x1a\n" + os.urandom(500)
OTHER = os.urandom(70_001)


def encoded(content):
    return base64.b64encode(content).decode()


SENT = [
    ({"name": "labs.pdf", "data": encoded(PDF), "contentType": "application/pdf"}, [("labs.pdf", PDF)]),
    (
        [{"name": "a.bin", "data": encoded(OTHER)}, {"name": "ü b.png", "data": encoded(PNG)}],
        [("a.bin", OTHER), ("ü b.png", PNG)],
    ),
    ({"name": "url.png", "data": f"data:image/png;base64,{encoded(PNG)}"}, [("url.png", PNG)]),
    (f"data:application/pdf;base64,{encoded(PDF)}", [("document.pdf", PDF)]),
    (f"data:text/plain;charset=utf-8;base64,{encoded(OTHER)}", [("document", OTHER)]),
    (encoded(PNG), [("document.png", PNG)]),
    ([encoded(PDF), encoded(OTHER)], [("document.pdf", PDF), ("document", OTHER)]),
    ("\n".join(base64.encodebytes(OTHER).decode().splitlines()), [("document", OTHER)]),
    ({"name": "empty", "data": ""}, [("empty", b"")]),
]


@pytest.fixture
def stored(server):
    """The files of the storage folder."""
    return lambda: {path for path in (server.data_dir / "documents").rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", ["FILE", "WIDGET_USER_ID_DOCUMENT"])
@pytest.mark.parametrize(("answer", "files"), SENT)
async def test_documents_come_back_in_base64(created, detail, clinic, answer, files, kind):
    case_id = await created(with_questions(case_body(clinic.product_id), question("Which?", answer, kind)))
    shown = (await detail(case_id, includeAttachments="true"))["attachments"]
    back = {entry["fileName"]: base64.b64decode(entry["content"]) for entry in shown}
    assert back == dict(files)
    assert not any("url" in entry for entry in shown)


@pytest.mark.parametrize(("answer", "files"), SENT)
async def test_documents_come_back_by_link_without_credentials(created, detail, clinic, answer, files):
    case_id = await created(with_questions(case_body(clinic.product_id), question("Which?", answer, "FILE", phi=True)))
    shown = (await detail(case_id, includeAttachments="true", documentFormat="url"))["attachments"]
    async with httpx.AsyncClient() as stranger:
        back = {entry["fileName"]: (await stranger.get(entry["url"])).content for entry in shown}
    assert back == dict(files)
    assert not any("content" in entry for entry in shown)
    assert all(entry["isPHI"] for entry in shown)


async def test_the_answer_names_the_documents(created, detail, clinic):
    answer = [{"name": "a.bin", "data": encoded(OTHER)}, {"name": "b.png", "data": encoded(PNG)}]
    case_id = await created(with_questions(case_body(clinic.product_id), question("Which?", answer, "FILE")))
    assert (await detail(case_id))["responses"][0]["responses"][0]["text"] == '["a.bin","b.png"]'


async def test_bad_base64_is_422_names_the_file_and_leaves_nothing(create, clinic, stored):
    before = stored()
    answer = [{"name": "good", "data": encoded(OTHER)}, {"name": "bad", "data": "not base64!"}]

    response = await create(with_questions(case_body(clinic.product_id), question("Which?", answer, "FILE")))

    assert response.status_code == 422
    assert fields(response) == ["products[0].form.questions[0].answer[1].data"]
    assert stored() == before


async def test_a_case_that_fails_takes_its_files_back(create, created, clinic, stored):
    body = case_body(clinic.product_id)
    await created(body)
    before = stored()
    asked = question("Which?", {"name": "labs.pdf", "data": encoded(PDF)}, "FILE")

    conflict = await create(with_questions(body, asked))
    unknown = await create(
        with_questions({**body, "products": [{"id": "0" * 8 + "-0000-4000-8000-" + "0" * 12}]}, asked)
    )

    assert (conflict.status_code, unknown.status_code) == (409, 422)
    assert stored() == before


async def test_files_are_taken_for_file_questions_only(create, clinic):
    asked = question("Which?", {"name": "labs.pdf", "data": encoded(PDF)}, "TEXT")
    response = await create(with_questions(case_body(clinic.product_id), asked))
    assert response.status_code == 422
    assert fields(response) == ["products[0].form.questions[0].answer"]


async def test_at_most_twenty_files_to_an_answer(create, created, clinic):
    file = {"name": "one", "data": encoded(b"x")}
    await created(with_questions(case_body(clinic.product_id), question("Which?", [file] * 20, "FILE")))
    response = await create(with_questions(case_body(clinic.product_id), question("Which?", [file] * 21, "FILE")))
    assert response.status_code == 422
    assert fields(response) == ["products[0].form.questions[0].answer"]


async def test_a_document_beyond_25_mib_is_422(create, clinic):
    large = {"name": "large", "data": encoded(bytes(26_214_401))}
    response = await create(with_questions(case_body(clinic.product_id), question("Which?", large, "FILE")))
    assert response.status_code == 422
    assert fields(response) == ["products[0].form.questions[0].answer"]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/absolute", "a/b\\c", "x\r\nSet-Cookie: a=b", '"; filename=x', "."]
)
async def test_a_name_is_never_a_path_nor_a_header(created, detail, clinic, client, stored, name):
    before = stored()
    asked = question("Which?", {"name": name, "data": encoded(OTHER), "contentType": "text/html\r\nX-A: b"}, "FILE")
    case_id = await created(with_questions(case_body(clinic.product_id), asked))

    (document,) = (await detail(case_id, includeAttachments="true", documentFormat="url"))["attachments"]
    answer = await client.get(document["url"])

    assert document["fileName"] == name
    assert answer.content == OTHER
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "set-cookie" not in answer.headers
    (new,) = stored() - before
    assert OTHER not in new.read_bytes()
