"""FILE answers become documents: what was sent comes back byte for byte, and only ciphertext is stored."""

import base64
import json
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


HEIC = b"\0\0\0\x18ftypheic" + os.urandom(300)
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + os.urandom(300)
DOCX = b"PK\x03\x04" + os.urandom(100_000) + b"word/document.xml" + os.urandom(300)


@pytest.mark.parametrize(
    ("answer", "name", "content_type", "content"),
    [
        (f"data:image/jpeg;name=my%20photo.jpg;base64,{encoded(OTHER)}", "my photo.jpg", "image/jpeg", OTHER),
        (f'data:image/png;filename="p 1.png";base64,{encoded(PNG)}', "p 1.png", "image/png", PNG),
        (f"DATA:image/png;BASE64,{encoded(PNG)}", "document.png", "image/png", PNG),
        (f"data:a/b,{'a%20b' * 20}", "document", "a/b", b"a b" * 20),
        (f"data:;base64,{encoded(HEIC)}", "document.heic", "image/heic", HEIC),
        (f"data:image/heic;base64,{encoded(OTHER)}", "document.heic", "image/heic", OTHER),
        (encoded(WEBP), "document.webp", "image/webp", WEBP),
        (
            encoded(DOCX), "document.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document", DOCX,
        ),
        (f"data:image/png;base64,{encoded(b'x')}", "document.png", "image/png", b"x"),
        ({"name": "n", "data": f"Data:image/webp;base64,{encoded(OTHER)}"}, "n", "image/webp", OTHER),
        (f"data:a/b;name={'n' * 600};base64,{encoded(PNG)}", "n" * 255, "image/png", PNG),
        (f'data:a/b;name="a, b; c.png";base64,{encoded(PNG)}', "a, b; c.png", "image/png", PNG),
        (f"data:a/b;filename*=UTF-8''m%C3%BC.png;base64,{encoded(PNG)}", "mü.png", "image/png", PNG),
        (f" \n\tdata:image/webp;base64,{encoded(OTHER)}", "document.webp", "image/webp", OTHER),
        (f"data:image/jpg;base64,{encoded(OTHER)}", "document.jpg", "image/jpg", OTHER),
        ({"name": " ", "data": encoded(OTHER), "contentType": "image/heic"}, "document.heic", "image/heic", OTHER),
    ],
)  # fmt: skip
async def test_a_data_url_says_what_it_is(created, detail, clinic, client, answer, name, content_type, content):
    case_id = await created(with_questions(case_body(clinic.product_id), question("Which?", answer, "FILE")))
    (shown,) = (await detail(case_id, includeAttachments="true", documentFormat="url"))["attachments"]
    sent = await client.get(shown["url"])
    assert (shown["fileName"], sent.headers["content-type"], sent.content) == (name, content_type, content)


@pytest.mark.parametrize(
    "answer",
    [
        "data:", "data:image/png", "DATA:image/png;base64", "data:image/png;base64,!!!", "data:image/png;base64,QUJ",
        "data:" + "a" * 2_000 + ",x", "data:image/png;base64" + ";a=b" * 30_000, "data:image/png," + "x" * 20_000,
        ["data:image/png;base64,é"], {"name": "n", "data": "data:x"}, "words, " * 10_000, " DATA:image/png;base64,!",
        'data:image/png;name="a,b;base64,QUJD', "\ufeffdata:x", "data:image/png;base64,QUJD\u200b",
    ],
)  # fmt: skip
async def test_whatever_begins_with_data_or_is_long_is_a_file_or_a_422(create, clinic, answer):
    """Nothing that was meant as a document is kept as text, and lost."""
    response = await create(with_questions(case_body(clinic.product_id), question("Which?", answer, "FILE")))
    assert response.status_code == 422
    place = "products[0].form.questions[0].answer" + ("[0]" if isinstance(answer, list) else "")
    assert fields(response) == [f"{place}.data"]


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8"])
@pytest.mark.parametrize(
    "spell", [str, lambda text: text.replace("/", "\\/"), lambda text: text.replace("A", "\\u0041")]
)
async def test_large_documents_come_back_however_json_spells_them(
    created, send_raw, detail, clinic, spell, content_type
):
    large, other = os.urandom(2_000_003), os.urandom(300_001)
    answer = [f"data:application/pdf;base64,{encoded(large)}", {"name": "b", "data": encoded(other)}, "in words"]
    body = with_questions(
        case_body(clinic.product_id), question("Which?", answer, "FILE"), question("And?", "x" * 90_000)
    )
    response = await send_raw(spell(json.dumps(body)).replace("pplic\\u0041", "pplicA").encode())
    assert response.status_code == 200
    shown = await detail(response.json()["data"]["caseId"], includeAttachments="true")
    assert {base64.b64decode(entry["content"]) for entry in shown["attachments"]} == {large, other}
    assert shown["responses"][0]["responses"][1]["text"] == "x" * 90_000


@pytest.mark.parametrize("beside", ["", "x" * 100_000])
async def test_words_in_place_of_a_document_are_kept_whatever_is_sent_beside_them(
    create, created, detail, clinic, beside
):
    def body(answer):
        return with_questions(
            case_body(clinic.product_id), question("Which?", answer, "FILE"), question("And?", beside)
        )

    words = "Я не знаю. " * 700
    shown = await detail(await created(body(words)))
    assert shown["responses"][0]["responses"][0]["text"] == words
    for other in ("words, " * 2_000, "data:a/b," + "x" * 9_000):
        assert fields(await create(body(other))) == ["products[0].form.questions[0].answer.data"]
    assert (await create(body(words + "\0"))).status_code in {400, 422}


async def test_a_long_text_elsewhere_is_judged_as_any_text(create, clinic):
    document = question("Which?", encoded(OTHER), "FILE")
    body = with_questions(case_body(clinic.product_id), document, question("x" * 70_000))
    body["user"]["firstName"] = "y" * 70_000
    assert fields(await create(body)) == ["products[0].form.questions[1].question", "user.firstName"]


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
