"""The kinds of request that are measured: how wrk sends them, how one is recorded, what changes from one to the next."""

import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import msgspec
import psycopg

from bench import limit, sample
from bench.limit import Change, Script
from bench.load import Load
from bench.recording import STAMP, record
from bench.server import Server
from carelane.surfaces.docs.examples import CREATE_CASE

DETAIL = (
    "/api/v1/customer-case-detail?caseId={}&includeAttachments=true&documentFormat=url"
    "&includeCalendarEvents=true&includeOrders=true&includeCaseProducts=true"
)
BUNDLES = "/api/v1/organization/bundles?isVisible=true"
BUNDLE = "/api/v1/organization/bundles/{}?includeIntakeForm=true&includeFollowupForm=true"

WITH_WORKER = "create case, worker on"
PUBLIC_INFO = "public info query"
PUBLIC_INFO_ANEW = "public info query, no answer kept"
SEND_CODE = "send-otp"
DYNAMIC_CASE = "dynamic case, 51 questions"
LISTED = {20: "case list, 20", 100: "case list, 100"}
NAMES = (
    "create case", DYNAMIC_CASE, "case detail", *LISTED.values(), "bundle list", "bundle, both forms", PUBLIC_INFO,
    PUBLIC_INFO_ANEW, SEND_CODE, WITH_WORKER,
)  # fmt: skip

# No request of the bench is to be refused for its number: each code counts as one of two days ago.
_FORGET_CODES = """
CREATE FUNCTION forget_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.created_at := NEW.created_at - interval '2 days'; RETURN NEW; END $$;
CREATE TRIGGER forget_code BEFORE INSERT ON portal_codes FOR EACH ROW EXECUTE FUNCTION forget_code();
"""

# Eight digits, so that they fit where a UUIDv7 has the high half of its time: new ids arrive in the order of time here too.
NEW_STAMP = ["\\set n :n + 1", f"\\set stamp 10000000 + :n * {limit.CLIENTS} + :client_id"]
_ANY_CASE = [f"\\set number random({sample.FIRST}, {sample.LAST})"]
_SHORT_ID = re.compile(r'"short_id":"[A-Z]+-([A-Z]{6})"')

_QUERIES = Path(__file__).parent / "wrk"

Ask = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    load: Load
    script: Script
    target: float | None = None
    # How many numbers of the sample each run of wrk uses up; none for requests that can be repeated.
    numbers_each: int = 0
    # Where pgbench begins to count: two rows that write into one table must not meet.
    first: int = 0
    # Of a cart that is created: how many lines it has.
    lines: int | None = None


async def create_case(server: Server, folder: Path, name: str = "create case") -> Row:
    product = {**CREATE_CASE["products"][0], "id": server.clinic.product_id}
    body = {**CREATE_CASE, "products": [product], "user": {**CREATE_CASE["user"], "email": "@@EMAIL@@"}}
    return await _created(server, folder, name, "/api/v1/cases", body, 0.5)


async def dynamic_case(server: Server, folder: Path) -> Row:
    """As the storefront with the longest form sends it; the form is known after the first."""
    questions = [
        {"question": f"Question {number}?", "answer": f"Answer {number}", "type": "TEXT", "phi": number % 2 == 0}
        for number in range(51)
    ]
    person = {
        "firstName": "Ada",
        "lastName": "Test",
        "email": "@@EMAIL@@",
        "dob": "1985-12-10",
        "phoneNumber": "+12125550123",
    }
    body = {**person, "formTitle": "Bench", "questions": questions, "productBundleId": server.clinic.bundle_id}
    made = await _created(server, folder, DYNAMIC_CASE, "/api/v1/dynamic-case", body, 0.4)
    return msgspec.structs.replace(made, first=5_000_000)


async def _created(server: Server, folder: Path, name: str, path: str, body: dict[str, Any], target: float) -> Row:
    """A case for each request; `@@EMAIL@@` in the body stands for an address that is new each time."""
    file = folder / f"{name.replace(' ', '-').replace(',', '')}.json"
    file.write_text(json.dumps(body))

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        content = file.read_text().replace("@@EMAIL@@", f"recorded-{STAMP}-{uuid4().hex}@example.com")
        return await client.post(path, content=content, headers={"content-type": "application/json"})

    trips = await record(server, ask)
    short_id = _SHORT_ID.search(str([value for trip in trips for sent in trip for value in sent.values.values()]))
    assert short_id is not None
    changes = [Change(STAMP, "stamp"), Change(short_id[1], "stamp")]
    return Row(
        name=name,
        load=Load(path=path, script="create_case.lua", arguments=[str(file), uuid4().hex]),
        script=limit.write_script(server.database, trips, changes, NEW_STAMP),
        target=target,
    )


async def case_detail(server: Server) -> Row:
    path = DETAIL.format(sample.case_id("@@NUMBER@@"))
    trips = await record(server, lambda client: client.get(path.replace("@@NUMBER@@", str(sample.FIRST))))
    changes = [Change(str(sample.FIRST), "number"), Change(STAMP, "stamp")]
    return Row(
        name="case detail",
        load=Load(path="/", script="rotate.lua", arguments=[path, str(sample.FIRST), str(sample.LAST)]),
        script=limit.write_script(server.database, trips, changes, [*_ANY_CASE, *NEW_STAMP]),
        target=0.4,
    )


async def public_info(server: Server, folder: Path, name: str = PUBLIC_INFO) -> Row:
    """All that a storefront selects, without a credential; where no answer is kept, with a variable that is never the same."""
    file = folder / f"{name.replace(' ', '-')}.json"
    varied = {"anew": "@@NUMBER@@"} if name == PUBLIC_INFO_ANEW else {}
    variables = {"linkName": server.clinic.link_name, **varied}
    file.write_text(json.dumps({"query": (_QUERIES / "public_info.graphql").read_text(), "variables": variables}))

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        client.headers.clear()
        body = file.read_text().replace("@@NUMBER@@", uuid4().hex)
        return await client.post("/graphql/", content=body, headers={"content-type": "application/json"})

    trips = await record(server, ask)
    load = Load(path="/graphql/", script="graphql.lua", arguments=[str(file)], is_public=True)
    return Row(name=name, load=load, script=limit.write_script(server.database, trips, [], []))


async def case_list(server: Server, count: int) -> Row:
    """The first page of the sample's cases, with all that is in them."""
    now = datetime.now(UTC)
    period = {"startTime": (now - timedelta(days=1)).isoformat(), "endTime": (now + timedelta(days=1)).isoformat()}
    path = f"/api/v1/cases?{urlencode({**period, 'recordsPerPage': count})}"
    trips = await record(server, lambda client: client.get(path))
    script = limit.write_script(server.database, trips, [Change(STAMP, "stamp")], NEW_STAMP)
    return Row(name=LISTED[count], load=Load(path=path), script=script, target=0.4, first=count * 50_000)


async def page(server: Server, name: str, path: str) -> Row:
    """A page that is the same each time."""
    trips = await record(server, lambda client: client.get(path))
    return Row(name=name, load=Load(path=path), script=limit.write_script(server.database, trips, [], []))


async def send_code(server: Server, folder: Path) -> Row:
    """To a patient who is known. No answer comes sooner than a quarter of a second, so 16 connections get 64 in a second at most."""
    with psycopg.connect(server.database.owner_url, autocommit=True) as conn:
        conn.execute(_FORGET_CODES)
        (email,) = conn.execute("SELECT email FROM patients WHERE id = %s", (server.clinic.patient_id,)).fetchall()[0]
    path, body = "/api/v1/users/auth/send-otp", {"email": email, "channel": "EMAIL"}
    file = folder / "code.json"
    file.write_text(json.dumps(body))
    trips = await record(server, lambda client: client.post(path, json=body))
    return Row(
        name=SEND_CODE,
        load=Load(path=path, script="post.lua", arguments=[str(file)]),
        script=limit.write_script(server.database, trips, [Change(STAMP, "stamp")], NEW_STAMP),
    )
