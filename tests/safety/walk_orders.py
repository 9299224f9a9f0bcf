"""The tenant walk's part about orders, pharmacies and what they call back with."""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec

from carelane.services import Services
from tests.factories.orders import place_order
from tests.factories.pharmacies import add_pharmacy
from tests.factories.rows import insert_row
from tests.inbox.calling import signature

ORDERS = "/api/staff/orders"
INBOX = "/api/staff/pharmacy-inbox"


class Ordered(NamedTuple):
    """An order of the victim, where it went, and a callback that waits."""

    order_id: UUID
    external_id: UUID
    pharmacy_id: UUID
    callback_id: UUID


async def place_marked(services: Services, organization_id: UUID, case_id: UUID, mark: str) -> Ordered:
    """Each text holds the mark."""
    external_id = uuid4()
    pharmacy_id = await add_pharmacy(services, organization_id, f"{mark} code", name=f"{mark} pharmacy")
    values = {"pharmacy_name": mark, "pharmacy_order_id": mark, "failure": mark, "tracking_id": mark}
    placed = {"external_id": external_id, "pharmacy_id": pharmacy_id, "status": "NEEDS_ATTENTION"}
    order_id = await place_order(services, organization_id, case_id, **(values | placed))
    await insert_row(
        services,
        organization_id,
        "order_attempts",
        order_id=order_id,
        call="new_rx",
        outcome="unknown",
        failure=mark,
        duration_milliseconds=1,
    )
    callback = {"message_id": mark, "pharmacy_order_id": mark, "status": "WAITING", "sealed": b"none"}
    callback_id = await insert_row(services, organization_id, "pharmacy_callbacks", pharmacy_id=pharmacy_id, **callback)
    return Ordered(order_id, external_id, pharmacy_id, callback_id)


def walk_orders(
    ordered: Ordered, case_id: UUID, headers: dict[str, str]
) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """(route, (method, url, options)) pairs: what the other clinic's staff may try, and whoever knows the pharmacy's id."""
    seen = {"headers": headers}
    for query in (
        {},
        {"pharmacyId": str(ordered.pharmacy_id)},
        {"caseId": str(case_id)},
        {"after": "f" * 8 + str(case_id)[8:]},
    ):
        yield f"GET {ORDERS}", ("GET", ORDERS, seen | {"params": query})
    board = {"pharmacyId": str(ordered.pharmacy_id)}
    for query in ({}, board):
        yield "GET /api/staff/order-board", ("GET", "/api/staff/order-board", seen | {"params": query})
        column = "/api/staff/order-board/ATTENTION"
        yield "GET /api/staff/order-board/{column}", ("GET", column, seen | {"params": query})
    yield "GET /api/staff/pharmacies", ("GET", "/api/staff/pharmacies", seen)
    for end in ("", "/why", "/contents"):
        yield f"GET {ORDERS}/{{order_id}}{end}", ("GET", f"{ORDERS}/{ordered.order_id}{end}", seen)
    reason = {"reason": "Lost"}
    stolen = reason | {"pharmacyId": str(ordered.pharmacy_id)}
    happened, story = {"happened": "DELIVERED", "note": "Stolen"}, {"story": "SHIP"}
    for name, body in {"cancel": reason, "send": None, "replace": stolen, "resolve": happened, "story": story}.items():
        yield (
            f"POST {ORDERS}/{{order_id}}/{name}",
            ("POST", f"{ORDERS}/{ordered.order_id}/{name}", seen | {"json": body}),
        )
    yield f"GET {INBOX}", ("GET", INBOX, seen)
    yield f"GET {INBOX}/{{callback_id}}", ("GET", f"{INBOX}/{ordered.callback_id}", seen)
    yield (
        f"POST {INBOX}/{{callback_id}}/dismiss",
        ("POST", f"{INBOX}/{ordered.callback_id}/dismiss", seen | {"json": reason}),
    )
    wanted = {"json": {"orderId": str(ordered.order_id)}}
    yield f"POST {INBOX}/{{callback_id}}/match", ("POST", f"{INBOX}/{ordered.callback_id}/match", seen | wanted)
    body = msgspec.json.encode({"messageId": "walk", "externalId": str(ordered.external_id), "status": "DELIVERED"})
    for signed in ({}, {"carelane-signature": signature(body, b"guessed", int(time.time()))}):
        call = {"content": body, "headers": {"content-type": "application/json"} | signed}
        url = f"/pharmacies/{ordered.pharmacy_id}/callbacks"
        yield "POST /pharmacies/{pharmacy_id}/callbacks", ("POST", url, call)
