"""A document store that takes no files, or cannot be read: 503, nothing half-written, and everything else goes on."""

import base64
import os
from contextlib import contextmanager

import httpx
import msgspec
import pytest

from tests.cast import Clinic
from tests.factories.cases import case_body
from tests.processes.waiting import until
from tests.server import demo_data, prepared, running_server

CASES = "/api/v1/cases"
# Below and above what is sealed in one piece.
SIZES = (100, 2_000_000)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    with running_server(
        prepared(tmp_path_factory.mktemp("store") / "data"), "--workers", "1", "--no-worker"
    ) as running:
        yield running


@pytest.fixture(scope="module")
def own(alone):
    return msgspec.convert(demo_data(alone.data_dir), Clinic)


@contextmanager
def away(data_dir):
    """The folder is none: what nobody can write to or read from, not even root, as on a disk that is full or was unplugged."""
    folder, kept = data_dir / "documents", data_dir / "kept"
    folder.rename(kept)
    folder.write_text("")
    try:
        yield
    finally:
        folder.unlink()
        kept.rename(folder)


def with_file(clinic, size):
    body = case_body(clinic.product_id)
    content = base64.b64encode(os.urandom(size)).decode()
    answer = {"name": "labs.pdf", "contentType": "application/pdf", "data": content}
    body["products"][0]["form"]["questions"] = [{"question": "File?", "type": "FILE", "answer": answer}]
    return body


def ready(server):
    return httpx.get(f"{server.url}/health/ready", timeout=10)


@pytest.mark.parametrize("size", SIZES)
def test_a_case_with_a_document_is_503_and_goes_through_afterwards(alone, own, size):
    body = with_file(own, size)
    with httpx.Client(base_url=alone.url, timeout=30, headers=own.key) as client:
        with away(alone.data_dir):
            answer = client.post(CASES, json=body)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
            assert str(alone.data_dir) not in answer.text
            # What needs no document goes on.
            assert client.post(CASES, json=case_body(own.product_id)).status_code == 200
        # Nothing of it was left: the same is no second case of the person.
        assert client.post(CASES, json=body).status_code == 200


def test_readiness_says_it_and_says_when_it_is_over(alone, own):
    assert ready(alone).status_code == 200
    with away(alone.data_dir):
        httpx.post(f"{alone.url}{CASES}", json=with_file(own, 100), headers=own.key, timeout=30)
        told = ready(alone)
        assert (told.status_code, told.headers["retry-after"]) == (503, "2")
        assert "document store" in told.text
        assert httpx.get(f"{alone.url}/health/live", timeout=10).status_code == 200
    until(lambda: ready(alone).status_code == 200)


def test_nobody_has_to_fail_first(alone):
    with away(alone.data_dir):
        until(lambda: ready(alone).status_code == 503, 20)
    until(lambda: ready(alone).status_code == 200)
    assert not list((alone.data_dir / "documents").glob("probe/*"))


def test_a_document_that_cannot_be_read_is_503(alone, own):
    with httpx.Client(base_url=alone.url, timeout=30, headers=own.key) as client:
        case_id = client.post(CASES, json=with_file(own, 100)).json()["data"]["caseId"]
        query = {"caseId": case_id, "documentFormat": "base64", "includeAttachments": "true"}
        with away(alone.data_dir):
            answer = client.get("/api/v1/customer-case-detail", params=query)
        assert (answer.status_code, answer.headers.get("retry-after")) == (503, "2"), answer.text


def test_a_server_starts_beside_a_store_that_takes_no_files(tmp_path):
    data_dir = prepared(tmp_path / "data")
    documents = tmp_path / "documents"
    documents.mkdir()
    with running_server(data_dir, "--workers", "1", "--no-worker", documents_url=documents.as_uri()) as first:
        assert ready(first).status_code == 200
    # A folder that can be opened, and in which nothing can be made: the kernel's own.
    with running_server(data_dir, "--workers", "1", "--no-worker", documents_url="file:///proc/sys/kernel") as second:
        assert ready(second).status_code == 503
        assert httpx.get(f"{second.url}/health/live", timeout=10).status_code == 200
