"""What is health information lies nowhere in the clear: not in the database, not in the files, not in a log."""

import base64
import re
import subprocess
from uuid import uuid4

import pytest

from carelane.kit.embedded_postgres import bin_folder
from tests.cases.bodies import case_body, question, with_questions

DUMP_SECONDS = 60


@pytest.fixture
def dump(owner_url):
    """The whole database as text, as a thief of a backup would read it."""

    def make():
        command = [str(bin_folder() / "pg_dump"), "--dbname", owner_url]
        return subprocess.run(command, check=True, capture_output=True, timeout=DUMP_SECONDS).stdout

    return make


@pytest.fixture
def files(server):
    """Every file that the server and its database keep, and what they printed, without the cluster's own pages."""

    def read():
        folders = [server.data_dir / "documents", server.data_dir / "postgres" / "log"]
        paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        logs = server.data_dir.parent.glob("*.log")
        return b"\n".join(path.read_bytes() for path in [*paths, *logs])

    return read


def spellings(marker):
    """The marker as text, in base64 at each of the three offsets, and in hexadecimal."""
    shifted = [base64.b64encode(b"x" * offset + marker)[4:-4] for offset in range(3)]
    return [marker, marker.hex().encode(), *shifted]


async def test_phi_answers_are_sealed_and_others_are_not(created, detail, clinic, dump, files):
    secret, public = f"secret-{uuid4().hex}", f"public-{uuid4().hex}"
    asked = [question("Weight?", secret, phi=True), question("Goal?", public)]
    case_id = await created(with_questions(case_body(clinic.product_id), *asked))

    shown = (await detail(case_id))["responses"][0]["responses"]
    assert [answer["text"] for answer in shown] == [secret, public]
    everything = dump() + files()
    assert public.encode() in everything
    assert [text for text in spellings(secret.encode()) if text in everything] == []


async def test_documents_are_sealed(created, clinic, dump, files):
    content = f"content-{uuid4().hex}-{uuid4().hex}".encode()
    file = {"name": "labs.txt", "data": base64.b64encode(content).decode()}
    await created(with_questions(case_body(clinic.product_id), question("Which?", file, "FILE", phi=True)))
    everything = dump() + files()
    assert [text for text in spellings(content) if text in everything] == []


async def test_refused_bodies_are_not_logged(create, clinic, files):
    marker = uuid4().hex
    body = with_questions(case_body(clinic.product_id), question("Weight?", marker, phi=True))
    body["user"] |= {"email": marker, "firstName": marker, "dob": marker}
    assert (await create(body)).status_code == 422
    assert (await create({**body, "isTest": marker})).status_code == 400
    everything = files()
    assert b'"route"' in everything
    assert marker.encode() not in everything


async def test_a_log_line_holds_the_request_id_and_nothing_of_the_patient(client, clinic, files):
    body, request_id = case_body(clinic.product_id), f"request-{uuid4().hex}"
    response = await client.post("/api/v1/cases", json=body, headers={**clinic.key, "x-request-id": request_id})
    assert response.headers["x-request-id"] == request_id
    email = body["user"]["email"]
    await client.get("/api/v1/customer-case-detail", params={"email": email}, headers=clinic.key)
    log = files()
    assert re.search(rb'"request_id": ?"' + request_id.encode(), log)
    assert email.encode() not in log
    assert clinic.api_key.encode() not in log


async def test_the_same_answer_twice_looks_different(created, rows, clinic):
    asked = question("Weight?", "138 lbs", phi=True)
    case_id = await created(with_questions(case_body(clinic.product_id), asked, asked))
    sealed = await rows(
        "SELECT a.sealed FROM form_answers a JOIN form_responses r ON r.id = a.form_response_id WHERE r.case_id = %s",
        case_id,
    )
    assert len({bytes(row[0]) for row in sealed}) == 2
