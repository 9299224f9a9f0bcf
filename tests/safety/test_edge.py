"""What holds for every request, whatever it asks for: its id, its log line, its limits, its methods."""

import json
import re
import socket
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from carelane.kit.logs import ALLOWED_KEYS
from tests.contract import Contract
from tests.detail.asking import PATH as DETAIL
from tests.factories.cases import case_body
from tests.processes.waiting import until
from tests.safety.log_lines import enough, lines_of, log_of

CASES = "/api/v1/cases"
BUNDLES = "/api/v1/organization/bundles"
MIB = 1_048_576
HARMLESS = ["a" * 8, "A-b_c.9" + "0" * 57, "01a20000-0000-7000-8000-00000000dead"]
HARMFUL = ["short", "x" * 65, "with space here", "name@example.com", "<script>alert", "a/b/c/d/e/f", "12345678\t9", ""]


# ---- the request id


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health/live", 200),
        ("GET", "/no/such/route", 404),
        ("GET", "/documents/nothing", 404),
        ("DELETE", BUNDLES, 405),
        ("PUT", CASES, 405),
        ("POST", CASES, 401),
        ("GET", DETAIL, 400),
        ("OPTIONS", "/health/live", 204),
        ("GET", "/docs", 200),
    ],
)
async def test_every_answer_has_a_request_id(client, method, path, status):
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-request-id"])


async def test_an_error_tells_the_same_id_in_its_body(client):
    answer = await client.get(DETAIL)
    assert answer.json()["requestId"] == answer.headers["x-request-id"]


async def test_two_requests_have_two_ids(client):
    first, second = [(await client.get("/health/live")).headers["x-request-id"] for _ in range(2)]
    assert first != second


@pytest.mark.parametrize("own", HARMLESS)
async def test_a_harmless_id_of_the_caller_is_kept(client, own):
    answer = await client.get("/health/live", headers={"x-request-id": own})
    assert answer.headers.get_list("x-request-id") == [own]


@pytest.mark.parametrize("own", HARMFUL)
async def test_any_other_id_is_replaced(client, own):
    answer = await client.get("/health/live", headers={"x-request-id": own})
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-request-id"])


# ---- routes and methods


@pytest.mark.parametrize("path", ["/nothing", "/api", "/api/v1", "/api/v1/nothing", "/documents", "/%00", "/..%2f"])
async def test_an_unknown_route_is_a_404_in_json(client, path):
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    assert (answer.json()["status"], answer.json()["success"]) == (404, False)


async def test_a_wrong_method_names_the_right_ones(client):
    answer = await client.delete(CASES)
    assert answer.status_code == 405
    assert {method.strip() for method in answer.headers["allow"].split(",")} >= {"POST"}


async def test_options_tells_the_methods_to_who_may_ask(client, clinic):
    answer = await client.options(BUNDLES, headers=clinic.key)
    assert answer.status_code == 204
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    "path", ["/health/live", BUNDLES, "/docs", "/metrics", "/nothing", "/documents/none", "/q/none"]
)
async def test_head_answers_as_get_without_a_body(client, clinic, path):
    got = await client.get(path, headers=clinic.key)
    answer = await client.head(path, headers=clinic.key)
    assert answer.status_code == got.status_code
    assert answer.content == b""
    changing = {"date", "x-request-id", "content-length" if path == "/metrics" else ""}
    assert {name: answer.headers.get(name) for name in got.headers if name not in changing} == {
        name: value for name, value in got.headers.items() if name not in changing
    }


def get_paths() -> list[str]:
    document = Contract().document
    return sorted(path for path, methods in document["paths"].items() if "get" in methods)


async def test_head_works_wherever_get_does(server, client, clinic):
    """Whoever asks, with whatever credential: the refusals are the same too."""
    async with httpx.AsyncClient(base_url=server.url) as plain:
        for path in get_paths():
            url = re.sub(r"\{[^}]+\}", str(uuid4()), path)
            for headers in ({}, clinic.key, clinic.billing):
                got, answer = await client.get(url, headers=headers), await plain.head(url, headers=headers)
                assert (answer.status_code, answer.content) == (got.status_code, b""), path


async def test_a_connection_goes_on_after_head(client):
    for _ in range(3):
        assert (await client.head("/health/live")).status_code == 200
        assert (await client.get("/health/live")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", BUNDLES), ("OPTIONS", "/health/live"), ("PATCH", "/health/live")]
)
async def test_head_is_named_beside_get(client, method, path):
    answer = await client.request(method, path)
    assert {"GET", "HEAD"} <= {name.strip() for name in answer.headers["allow"].split(",")}


@pytest.mark.parametrize("path", ["/api/v1/dynamic-case", "/oauth/token"])
async def test_head_is_not_allowed_where_get_is_not(client, path):
    answer = await client.head(path)
    assert answer.status_code == 405
    assert "HEAD" not in answer.headers["allow"]


# ---- health and metrics


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
async def test_health_is_ok(client, path):
    answer = await client.get(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def requests_counted(client, route: str) -> float:
    text = (await client.get("/metrics")).text
    found = re.findall(
        rf'^carelane_requests_total\{{[^}}]*route="{re.escape(route)}"[^}}]*\}} (\S+)$', text, re.MULTILINE
    )
    return sum(map(float, found))


async def test_metrics_count_the_requests_of_all_processes(server, client):
    """Each request comes on a connection of its own, so that both processes get some."""
    before = await requests_counted(client, "/health/live")
    for _ in range(20):
        async with httpx.AsyncClient(base_url=server.url) as fresh:
            await fresh.get("/health/live")
    assert await requests_counted(client, "/health/live") == before + 20


async def test_metrics_hold_routes_and_no_paths(client):
    token = uuid4().hex
    await client.get(f"/documents/{token}")
    await client.get(f"/{token}")
    text = (await client.get("/metrics")).text
    assert token not in text
    assert 'route="/documents/{token}"' in text


# ---- logs


async def test_a_log_line_tells_route_and_status_and_nothing_of_the_caller(server, client, clinic):
    mark, request_id = f"mark{uuid4().hex}", f"log-{uuid4().hex}"
    headers = clinic.key | {"x-request-id": request_id, "user-agent": mark}
    await client.get(DETAIL, params={"email": f"{mark}@patient.example"}, headers=headers)
    body = case_body(clinic.product_id, f"{mark}@patient.example")
    body["user"]["lastName"] = mark
    body["products"][0]["form"]["questions"][0]["answer"] = mark
    await client.post(CASES, json=body, headers=headers)
    await client.get(f"/documents/{mark}", headers=headers)
    lines = until(lambda: enough(lines_of(server), request_id, 3))
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("GET", DETAIL, 404),
        ("POST", CASES, 200),
        ("GET", "/documents/{token}", 404),
    ]
    text = json.dumps(lines_of(server))
    assert mark not in text
    assert clinic.api_key not in text


async def test_log_lines_hold_allowed_keys_only(server, client):
    await client.get("/nothing?secret=1")
    lines = lines_of(server)
    assert lines
    assert set().union(*lines) <= ALLOWED_KEYS
    assert all({"event", "level", "timestamp", "process"} <= set(line) for line in lines)


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", [DETAIL, CASES, "/billing/cart", "/nothing", "/health/live", "/q/none"])
async def test_no_address_and_no_query_in_the_whole_log(server, clinic, path, method):
    """However it is spelled there: as it was sent, or decoded."""
    mark, request_id = f"mark{uuid4().hex}", f"log-{uuid4().hex}"
    headers = clinic.key | {"x-request-id": request_id}
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as client:
        await client.request(method, path, params={"email": f"{mark}@patient.example", f"{mark}": "1"})
    # What is written later stands behind what was written before.
    until(lambda: enough(lines_of(server), request_id, 1))
    written = log_of(server)
    for told in (mark, "patient.example", "email=", "%40"):
        assert told not in written


# ---- what is no request


@pytest.mark.parametrize("head", [b"NONSENSE\r\n\r\n", b"GET /health/live HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00"])
async def test_what_is_not_http_is_refused(server, client, head):
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as caller:
        caller.sendall(head)
        caller.shutdown(socket.SHUT_WR)
        assert b" 200 " not in caller.recv(4096)
    assert (await client.get("/health/live")).status_code == 200
