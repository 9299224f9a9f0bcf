"""The whole world of an order on this machine: server with database and worker, pharmacy, webhook receiver. And what must
hold in it whatever happened on the way.
"""

import asyncio
import base64
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import psycopg
import pyotp

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.surfaces.docs.examples import PLACE_ORDER
from tests.factories.cases import case_body
from tests.pharmacies.simulator import running_simulator
from tests.processes.waiting import until
from tests.receiver import Receiver, running_receiver
from tests.server import RunningServer, demo_data, prepared, running_server

ARRIVE_SECONDS = 60.0
FINAL = {"DELIVERED", "REJECTED", "CANCELED"}
# Everything is as in production, but for the waits.
HURRIED = {
    "allowed_networks": "127.0.0.0/8",
    "pharmacy_timeout_seconds": "1",
    "pharmacy_ask_seconds": "1.5",
    "pharmacy_poll_seconds": "2",
    "pharmacy_retry_seconds": "0.3",
    "webhook_timeout_seconds": "3",
    "claim_lease_seconds": "4",
    "webhook_retry_seconds": "0.2",
}

_OPEN_ENDS = """
SELECT 'order' AS what, count(*) FROM orders WHERE next_step_at IS NOT NULL
UNION ALL SELECT 'delivery', count(*) FROM webhook_deliveries WHERE status = 'PENDING'
UNION ALL SELECT 'event', count(*) FROM events WHERE dispatched_at IS NULL
UNION ALL SELECT 'callback', count(*) FROM pharmacy_callbacks WHERE status IN ('STORED', 'WAITING')
UNION ALL SELECT 'message', count(*) FROM messages WHERE due_at IS NOT NULL
UNION ALL SELECT 'lost delivery', count(*) FROM webhook_deliveries WHERE status <> 'DELIVERED'
"""


class World(msgspec.Struct, frozen=True):
    server: RunningServer
    simulator_url: str
    receiver: Receiver
    demo: dict[str, Any]
    http: httpx.Client

    @property
    def key(self) -> dict[str, str]:
        return {"cv-api-key": self.demo["apiKey"]}

    def new_case(self) -> str:
        """A case of a patient nobody else uses."""
        answer = self.http.post("/api/v1/cases", json=case_body(self.demo["productId"]), headers=self.key)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]["caseId"]

    def place(self, case_id: str, scenario: str | None = None, pharmacy: str | None = None) -> httpx.Response:
        body = msgspec.json.decode(msgspec.json.encode(PLACE_ORDER))
        body["idempotencyKey"] = uuid4().hex
        if scenario is not None:
            body["order"]["customFields"] = {"scenario": scenario}
        if pharmacy is not None:
            body["order"]["pharmacyId"] = pharmacy
        return self.http.post(f"/api/v1/cases/{case_id}", json=body, headers=self.key)

    def detail(self, case_id: str, **wanted: str) -> dict[str, Any]:
        answer = self.http.get("/api/v1/customer-case-detail", params={"caseId": case_id, **wanted}, headers=self.key)
        assert answer.status_code == 200, answer.text
        return answer.json()["caseDetail"]

    def order(self, case_id: str) -> dict[str, Any]:
        return self.detail(case_id, includeOrders="true")["orders"][-1]

    def at_pharmacy(self, external_id: str) -> list[dict[str, Any]]:
        """The orders that the pharmacy took under our name for it."""
        orders = httpx.get(f"{self.simulator_url}/_simulator/orders", timeout=10).json()["orders"]
        return [order for order in orders if order["externalId"] == external_id]

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(EmbeddedPostgres(self.server.data_dir).owner_url) as conn:
            return conn.execute(statement, values or None).fetchall()

    def told(self, case_id: str) -> list[dict[str, Any]]:
        """The bodies that the receiver got, in the order of their first arrival."""
        bodies: dict[str, dict[str, Any]] = {}
        for request in list(self.receiver.received):
            if request.json.get("payload", {}).get("case", {}).get("id") == case_id:
                bodies.setdefault(request.json["id"], request.json)
        return list(bodies.values())


@contextmanager
def running_world(folder: Path, *options: str, **settings: str) -> Iterator[World]:
    """`options` and `settings` are those of `running_server`."""
    with ExitStack() as stack:
        receiver = stack.enter_context(_receiving())
        simulator_url = stack.enter_context(running_simulator())
        given = HURRIED | {"pharmacy_simulator_url": simulator_url} | settings
        server = stack.enter_context(running_server(prepared(folder / "data"), *options, **given))
        demo = demo_data(server.data_dir)
        http = stack.enter_context(httpx.Client(base_url=server.url, timeout=30))
        world = World(server, simulator_url, receiver, demo, http)
        subscribe(world)
        yield world


@contextmanager
def _receiving() -> Iterator[Receiver]:
    """The receiver on a loop of its own: these tests wait without one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = running_receiver()
    try:
        yield asyncio.run_coroutine_threadsafe(running.__aenter__(), loop).result(10)
        asyncio.run_coroutine_threadsafe(running.__aexit__(None, None, None), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def subscribe(world: World) -> None:
    """An endpoint for every event, set up as an administrator would."""
    admin = sign_in(world, "admin")
    endpoint = {"name": "Scenario", "url": world.receiver.url, "payload": "EVENT_ONLY", "documentFormat": "URL"}
    answer = world.http.post("/api/staff/webhook-endpoints", json=endpoint, headers=admin)
    assert answer.status_code == 201, answer.text


def sign_in(world: World, who: str) -> dict[str, str]:
    """The header of a new session; `who` is `admin` or `staff` (the clinician)."""
    credentials = {
        "tenant": world.demo["tenant"],
        "email": world.demo[f"{who}Email"],
        "password": world.demo[f"{who}Password"],
        "totp": pyotp.TOTP(world.demo[f"{who}TotpSecret"]).now(),
    }
    answer = world.http.post("/api/staff/sessions", json=credentials)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def require_invariants(world: World, case_id: str, status: str) -> None:
    """One order at the pharmacy, every event told at least once and in sequence, documents stored, no end left open."""
    order = until(lambda: _ended(world, case_id), ARRIVE_SECONDS)
    assert order["status"] == status
    until(lambda: all(count == 0 for _, count in world.ask(_OPEN_ENDS)), ARRIVE_SECONDS)
    taken = world.at_pharmacy(order["externalId"])
    assert len(taken) == 1, taken
    assert [body["sequence"] for body in world.told(case_id)] == _sequences(world, case_id)
    require_documents(world, case_id, order)


def _ended(world: World, case_id: str) -> dict[str, Any] | None:
    try:
        order = world.order(case_id)
    except httpx.TransportError:
        # A test may have killed the server process that had the connection.
        return None
    return order if order["status"] in FINAL else None


def _sequences(world: World, case_id: str) -> list[int]:
    """1, 2, 3 … as many as the case has events."""
    numbers = [number for (number,) in world.ask(_SEQUENCES, case_id)]
    assert numbers == list(range(1, len(numbers) + 1))
    return numbers


_SEQUENCES = "SELECT case_sequence FROM events WHERE case_id = %s ORDER BY case_sequence"


def require_documents(world: World, case_id: str, order: dict[str, Any]) -> None:
    """The prescription is there and is a PDF; the pharmacy's own document too, once it accepted the order."""
    found = world.detail(case_id, includeAttachments="true")["attachments"]
    contents = [base64.b64decode(document["content"]) for document in found if document["isRestricted"]]
    assert any(content.startswith(b"%PDF-") for content in contents)
    assert len(contents) == (1 if order["status"] == "REJECTED" else 2), [document["fileName"] for document in found]
