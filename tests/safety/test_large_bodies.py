"""Large bodies of one clinic cost little memory, give it back, and are not in the way of others."""

import asyncio
import base64
import json
import os
import socket
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import msgspec
import psutil
import pytest

from tests.cast import Clinic
from tests.factories.cases import case_body
from tests.server import demo_data, prepared, running_program

MIB = 1_048_576
ROOM = 48 * MIB
UPLOADS, UPLOADED_BYTES = 8, 12 * MIB
CASES = "/api/v1/cases"


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A server of one process with room for two such bodies of one organization."""
    settings = {"workers": "1", "large_bodies_bytes": str(ROOM), "least_bytes_per_second": "1"}
    with running_program(prepared(tmp_path_factory.mktemp("alone") / "data"), "--no-worker", **settings) as running:
        yield running


@pytest.fixture(scope="module")
def clinics(alone):
    data = demo_data(alone.data_dir)
    return msgspec.convert(data, Clinic), msgspec.convert(data["other"], Clinic)


def process_of(server) -> psutil.Process:
    return next(
        child for child in psutil.Process(server.process.pid).children(recursive=True) if "server" in child.cmdline()
    )


def with_document(clinic: Clinic, size: int) -> bytes:
    body = case_body(clinic.product_id)
    content = base64.b64encode(os.urandom(size)).decode()
    body["products"][0]["form"]["questions"] = [{"question": "File?", "type": "FILE", "answer": content}]
    return json.dumps(body).encode()


async def test_uploads_cost_little_memory_and_give_it_back(alone, clinics):
    clinic, process = clinics[0], process_of(alone)
    bodies = [with_document(clinic, UPLOADED_BYTES) for _ in range(UPLOADS)]
    before, most, done = process.memory_info().rss, 0, False

    async def watch():
        nonlocal most
        while not done:
            most = max(most, process.memory_info().rss)
            await asyncio.sleep(0.01)

    watching = asyncio.create_task(watch())
    headers = clinic.key | {"content-type": "application/json"}
    async with httpx.AsyncClient(base_url=alone.url, timeout=120) as client:
        answers = await asyncio.gather(*(client.post(CASES, content=body, headers=headers) for body in bodies))
    done = True
    await watching
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert [answer.status_code for answer in answers].count(200) >= UPLOADS // 2
    assert most - before < 2 * ROOM + 40 * MIB
    assert process.memory_info().rss - before < 40 * MIB


def half_sent(server, clinic: Clinic, size: int) -> socket.socket:
    """Announces a body, and sends what shows that it is large."""
    parts = urlsplit(server.url)
    caller = socket.create_connection((parts.hostname, parts.port), timeout=60)
    head = f"POST {CASES} HTTP/1.1\r\nhost: x\r\ncv-api-key: {clinic.api_key}\r\ncontent-length: {size}\r\n\r\n"
    caller.sendall(head.encode() + b'{"user":"' + b"x" * 200_000)
    return caller


async def test_who_holds_all_it_may_is_in_nobodys_way(alone, clinics):
    clinic, other = clinics
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(half_sent(alone, clinic, 12 * MIB))
        await asyncio.sleep(0.3)
        async with httpx.AsyncClient(base_url=alone.url, timeout=60) as client:
            started = time.monotonic()
            small = await client.post(CASES, json=case_body(clinic.product_id), headers=clinic.key)
            large = await client.post(CASES, content=with_document(other, 2 * MIB), headers=other.key)
            assert (small.status_code, large.status_code) == (200, 200)
            assert time.monotonic() - started < 10
            waited = await client.post(CASES, content=with_document(clinic, 2 * MIB), headers=clinic.key)
            assert (waited.status_code, waited.headers["retry-after"]) == (503, "2")


async def test_whoever_goes_away_gives_its_room_back(alone, clinics):
    clinic = clinics[0]
    for _ in range(10):
        half_sent(alone, clinic, 12 * MIB).close()
    async with httpx.AsyncClient(base_url=alone.url, timeout=60) as client:
        answer = await client.post(CASES, content=with_document(clinic, 2 * MIB), headers=clinic.key)
    assert answer.status_code == 200


async def test_a_large_body_sent_again_under_its_key_is_answered_again(alone, clinics):
    """Of a large body its digest is kept in mind, not the body."""
    clinic = clinics[0]
    body, headers = with_document(clinic, MIB), clinics[0].key | {"Idempotency-Key": os.urandom(8).hex()}
    async with httpx.AsyncClient(base_url=alone.url, timeout=60) as client:
        first, again = [await client.post(CASES, content=body, headers=headers) for _ in range(2)]
        other = await client.post(CASES, content=body[:-1] + b" }", headers=headers)
    assert first.status_code == again.status_code == 200
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert other.status_code == 422
