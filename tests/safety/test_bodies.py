"""What holds for every body: how it is encoded, how large it is, how it comes."""

import asyncio
import gzip
import json
import re
import socket
import time
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.factories.cases import case_body
from tests.processes.waiting import until
from tests.safety.log_lines import lines_of

CASES = "/api/v1/cases"
BUNDLES = "/api/v1/organization/bundles"
MIB = 1_048_576


def packed(content: bytes) -> dict[str, Any]:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    return {"content": gzip.compress(content), "headers": headers}


# The same in every process that collects these tests.
NOBODYS = "0b7ad5a5-6d1c-4d54-8a0c-5a3c8a3f0d11"
FORM_TYPE = "application/x-www-form-urlencoded"
# A route of each dialect that reads a body, the credential's name, and where the error's text stands.
READERS = [
    ("POST", CASES, "key", "message"),
    ("POST", f"{CASES}/{NOBODYS}", "key", "message"),
    ("POST", "/billing/cart", "billing", "detail"),
    ("POST", "/admin/locations/update-or-create", "billing", "detail"),
    ("POST", "/api/staff/sessions", "nobody", "title"),
    ("POST", f"/pharmacies/{NOBODYS}/callbacks", "nobody", "title"),
    ("POST", f"/gateways/stripe/{NOBODYS}", "nobody", "title"),
    ("POST", "/oauth/token", "nobody", "error_description"),
]


def credential(clinic, name: str) -> dict[str, str]:
    return {"key": clinic.key, "billing": clinic.billing, "nobody": {}}[name]


@pytest.mark.parametrize(("method", "path", "who", "member"), READERS)
@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, identity", "GZIP"])
async def test_a_packed_body_is_415_in_the_dialects_shape(client, clinic, method, path, who, member, encoding):
    request = packed(b"{}")
    request["headers"] |= credential(clinic, who) | {"content-encoding": encoding}
    answer = await client.request(method, path, **request)
    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "identity"
    assert member in answer.json()


async def test_a_packed_form_of_a_page_is_415_in_html(client):
    headers = {"content-encoding": "gzip", "content-type": FORM_TYPE}
    answer = await client.post("/q/none/respond", content=gzip.compress(b"answer=accept"), headers=headers)
    assert answer.status_code == 415
    assert answer.headers["content-type"].startswith("text/html")


async def test_who_may_not_ask_is_told_that_and_not_how_to_send(client):
    assert (await client.post(CASES, **packed(b"{}"))).status_code == 401


@pytest.mark.parametrize("encoding", ["identity", "Identity", ""])
async def test_a_body_that_says_it_is_not_packed_is_read(client, clinic, encoding):
    headers = clinic.key | {"content-encoding": encoding}
    answer = await client.post(CASES, json=case_body(clinic.product_id), headers=headers)
    assert answer.status_code == 200


BYTE_ORDER_MARK = b"\xef\xbb\xbf"


async def test_a_byte_order_mark_is_ignored_in_every_dialect(client, clinic):
    case = BYTE_ORDER_MARK + json.dumps(case_body(clinic.product_id)).encode()
    cart = BYTE_ORDER_MARK + json.dumps({"patient_id": clinic.patient_id}).encode()
    staff = BYTE_ORDER_MARK + json.dumps({"tenant": "none", "email": "a@clinic.example", "password": "wrong"}).encode()
    json_type = {"content-type": "application/json"}
    assert (await client.post(CASES, content=case, headers=clinic.key | json_type)).status_code == 200
    assert (await client.post("/billing/cart", content=cart, headers=clinic.billing | json_type)).status_code == 200
    assert (await client.post("/api/staff/sessions", content=staff, headers=json_type)).status_code == 401
    order = await client.post(f"{CASES}/{uuid4()}", content=BYTE_ORDER_MARK + b"{}", headers=clinic.key | json_type)
    assert [problem["field"] for problem in order.json()["errors"]] == ["action"]


async def test_a_byte_order_mark_elsewhere_is_a_character_like_any(client, clinic):
    body = case_body(clinic.product_id)
    body["user"]["firstName"] = "\ufeffZoë"
    assert (await client.post(CASES, json=body, headers=clinic.key)).status_code == 200
    doubled = BYTE_ORDER_MARK * 2 + json.dumps(case_body(clinic.product_id)).encode()
    answer = await client.post(CASES, content=doubled, headers=clinic.key | {"content-type": "application/json"})
    assert answer.status_code == 400


async def test_a_form_that_is_too_large_is_413(client):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await client.post("/oauth/token", content=b"a" * (MIB + 1), headers=headers)
    assert answer.status_code == 413
    assert "error" in answer.json()


async def test_a_case_that_is_too_large_is_413_in_its_pages_shape(client, clinic):
    headers = clinic.key | {"content-type": "application/json", "content-length": str(64 * MIB)}
    # Refused by its announced length: not one byte of it has to be sent.
    answer = await exchange(client, CASES, headers, b"{")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["message"] == "Request body too large"


async def test_a_body_on_a_route_that_wants_none_does_no_harm(client, clinic):
    answer = await client.request("GET", BUNDLES, content=b"x" * (MIB + 1), headers=clinic.key)
    assert answer.status_code in (200, 413)


async def exchange(client, path: str, headers: dict[str, str], start_of_body: bytes) -> bytes:
    """Sends a request whose body never ends, and returns the first answer."""
    parts = urlsplit(str(client.base_url))
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"POST {path} HTTP/1.1\r\nhost: {parts.netloc}\r\n{lines}\r\n".encode() + start_of_body)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    size = int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE)[1])
    body = await asyncio.wait_for(reader.readexactly(size), 10)
    writer.close()
    return head + body


async def test_callers_who_send_half_a_body_keep_nobody_waiting(server, client, clinic):
    parts = urlsplit(server.url)
    head = (
        f"POST {CASES} HTTP/1.1\r\nhost: {parts.netloc}\r\ncv-api-key: {clinic.api_key}\r\ncontent-length: 999\r\n\r\n"
    )
    slow = [socket.create_connection((parts.hostname, parts.port), timeout=10) for _ in range(64)]
    try:
        for caller in slow:
            caller.sendall(head.encode() + b'{"user"')
        started = time.monotonic()
        for _ in range(10):
            answer = await client.post(CASES, json=case_body(clinic.product_id), headers=clinic.key)
            assert answer.status_code == 200
        assert time.monotonic() - started < 10
    finally:
        for caller in slow:
            caller.close()
    assert (await client.get("/health/ready")).status_code == 200


async def test_a_body_that_breaks_off_leaves_no_error_in_the_log(server, client, clinic):
    """The caller went away; that is no fault of ours."""
    parts, request_id = urlsplit(server.url), f"broken-{uuid4().hex}"
    head = (
        f"POST {CASES} HTTP/1.1\r\nhost: {parts.netloc}\r\ncv-api-key: {clinic.api_key}\r\n"
        f"x-request-id: {request_id}\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as caller:
        caller.sendall(head.encode() + b'{"user"')
    lines = until(lambda: [line for line in lines_of(server) if line.get("request_id") == request_id])
    assert [line["level"] for line in lines] == ["info"]
