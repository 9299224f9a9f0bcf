"""Rows of every kind that is kept for a while only, as old as a test wants them, in two clinics."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
from psycopg import sql

from carelane.cases.actions import create_case
from carelane.cases.schemas import CaseIn
from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.kit.ids import uuid7
from carelane.processes.queries import Kept
from carelane.processes.retention import JOB, Kind, delete_kind
from carelane.services import Services
from tests.factories.cases import case_body
from tests.factories.pharmacies import add_pharmacy
from tests.factories.rows import insert_row
from tests.own_clinic import make_clinic

TABLES: dict[Kept, str] = {
    "delivery": "webhook_deliveries", "given_up_delivery": "webhook_deliveries", "webhook_attempt": "webhook_attempts",
    "order_attempt": "order_attempts", "callback": "pharmacy_callbacks", "notification": "notifications",
    "quote_message": "quote_messages", "message": "messages", "cart": "carts", "answer": "idempotency_keys",
}  # fmt: skip


NOW = timedelta()
NOTHING: dict[str, Any] = dict.fromkeys(("subtotal_cents", "discount_cents", "tax_cents", "total_cents"), 0)


async def even(
    conn: psycopg.AsyncConnection[Any], reached: timedelta = NOW, since: timedelta = timedelta(days=2)
) -> None:
    """As if the job had looked at the clock so long ago, and it had gone evenly since then."""
    await conn.execute(
        "INSERT INTO timed_jobs (name, reached_at, even_since_at) VALUES (%s, now() - %s, now() - %s) "
        "ON CONFLICT (name) DO UPDATE SET reached_at = excluded.reached_at, even_since_at = excluded.even_since_at",
        (JOB, reached, since),
    )


def id_of(ago: timedelta) -> UUID:
    """A UUID version 7 of that time."""
    milliseconds = int((clock.now() - ago).timestamp() * 1000)
    return UUID(int=uuid7().int & (1 << 80) - 1 | milliseconds << 80)


class Clinic(msgspec.Struct, frozen=True):
    """Makes its rows; `ago` is how old one is."""

    services: Services
    conn: psycopg.AsyncConnection[Any]
    id: UUID
    case_id: UUID
    pharmacy_id: UUID
    endpoint_id: UUID
    product_id: str
    patient_id: str
    creator_id: str

    @classmethod
    async def opened(cls, services: Services, conn: psycopg.AsyncConnection[Any], folder: Path) -> "Clinic":
        made = await make_clinic(services, folder)
        here = (services, UUID(made.organization_id))
        case_id = uuid7()
        body = msgspec.convert(case_body(made.product_id), CaseIn, strict=False)
        await create_case(services, system_actor(here[1]), body, None, case_id)
        pharmacy_id = await add_pharmacy(*here, code="pharmacy-123")
        endpoint = {"name": "Here", "url": "https://x.example", "secret_sealed": b"x"}
        endpoint_id = await insert_row(*here, "webhook_endpoints", **endpoint)
        assert made.patient_id
        assert made.creator_id
        ids = (case_id, pharmacy_id, endpoint_id)
        return cls(services, conn, here[1], *ids, made.product_id, made.patient_id, made.creator_id)

    async def add(self, table: str, ago: timedelta, *times: str, **values: Any) -> UUID:
        """A row of which the columns `times` are so long ago; its id tells the same."""
        row: dict[str, Any] = {"organization_id": self.id, "id": id_of(ago)} | values
        given = [sql.Placeholder()] * len(row) + [sql.SQL("now() - {}").format(sql.Placeholder())] * len(times)
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, [*row, *times])),
            sql.SQL(", ").join(given),
        )
        await self.conn.execute(statement, [*row.values(), *[ago] * len(times)])
        return row["id"]

    async def event(self) -> UUID:
        return await self.add("events", NOW, type="REOPEN_CASE", actor_kind="system")

    async def delivery(self, ago: timedelta, status: str = "DELIVERED", **values: Any) -> UUID:
        """With an attempt that was made when the delivery was."""
        due = {"next_attempt_at": "2199-01-01" if status == "PENDING" else None}
        times = ("created_at", "delivered_at") if status == "DELIVERED" else ("created_at",)
        usual = {"endpoint_id": self.endpoint_id, "event_id": values.get("event_id") or await self.event()}
        delivery_id = await self.add("webhook_deliveries", ago, *times, **(usual | due | {"status": status} | values))
        await self.attempt(ago, delivery_id)
        return delivery_id

    async def attempt(self, ago: timedelta, delivery_id: UUID) -> UUID:
        """One that failed, as all but the last do."""
        values = {
            "delivery_id": delivery_id,
            "number": 1,
            "duration_milliseconds": 1,
            "http_status": 503,
            "failure": "refused",
        }
        return await self.add("webhook_attempts", ago, "created_at", **values)

    async def order(self, status: str = "DELIVERED", **values: Any) -> UUID:
        usual = {"case_id": self.case_id, "external_id": uuid4(), "status": status, "pharmacy_id": self.pharmacy_id}
        return await self.add("orders", NOW, **(usual | values))

    async def call(self, ago: timedelta, order_id: UUID | None = None) -> UUID:
        values = {"order_id": order_id or await self.order(), "call": "new_rx", "outcome": "done"}
        return await self.add("order_attempts", ago, "created_at", **values, duration_milliseconds=1)

    async def callback(self, ago: timedelta, status: str = "APPLIED", order_id: UUID | None = None) -> UUID:
        times = ("created_at",) if status in {"STORED", "WAITING", "UNREADABLE"} else ("created_at", "applied_at")
        values = {"pharmacy_id": self.pharmacy_id, "message_id": uuid4().hex, "status": status, "sealed": b"x"}
        return await self.add("pharmacy_callbacks", ago, *times, **values, order_id=order_id)

    async def notification(self, ago: timedelta, status: str = "SENT") -> UUID:
        values = {"event_id": await self.event(), "recipient": "x@x.example", "status": status}
        return await self.add("notifications", ago, "created_at", **values)

    async def cart(self, ago: timedelta, status: str = "EXPIRED", **values: Any) -> UUID:
        """With a line."""
        usual = NOTHING | {"patient_id": self.patient_id, "currency": "USD", "status": "DRAFT"}
        cart_id = await self.add("carts", ago, "created_at", "updated_at", **(usual | values))
        line = {"position": 0, "product_id": self.product_id, "quantity": 1, "unit_price_cents": 0, "tax_cents": 0}
        await self.add("cart_lines", ago, cart_id=cart_id, **line, total_cents=0)
        await self.conn.execute("UPDATE carts SET status = %s WHERE id = %s", (status, cart_id))
        return cart_id

    async def quote(self, cart_id: UUID) -> UUID:
        values = NOTHING | {"patient_id": self.patient_id, "currency": "USD", "cart_id": cart_id}
        return await self.add("quotes", NOW, creator_id=self.creator_id, **values)

    async def quote_message(self, ago: timedelta, status: str = "SENT") -> UUID:
        quote_id = await self.quote(await self.cart(NOW, "DRAFT"))
        due = {"next_attempt_at": "2199-01-01" if status == "PENDING" else None}
        values = {"quote_id": quote_id, "method": "email", "status": status}
        return await self.add("quote_messages", ago, "created_at", **values, **due)

    async def message(self, ago: timedelta, status: str = "SENT") -> UUID:
        waits = status in {"QUEUED", "SENDING"}
        values = {"kind": "CASE_CREATED", "channel": "MAIL", "record_kind": "case", "record_id": self.case_id}
        times = ("created_at",) if waits else ("created_at", "settled_at")
        due = {"due_at": "2199-01-01" if waits else None}
        return await self.add("messages", ago, *times, **values, **due, status=status, content_sealed=b"x")

    async def answer(self, ago: timedelta) -> UUID:
        values = {"key_digest": uuid4().bytes, "request_digest": b"x", "status": 200, "answer_sealed": b"x"}
        return await self.add("idempotency_keys", ago, "created_at", **values)

    async def given_up(self, ago: timedelta) -> UUID:
        return await self.delivery(ago, "FAILED")

    async def an_attempt(self, ago: timedelta) -> UUID:
        """Not the last one of its delivery, which was given up."""
        delivery_id = await self.delivery(NOW, "FAILED")
        return await self.attempt(ago, delivery_id)

    def one_of(self, kind: Kept) -> Callable[[timedelta], Awaitable[UUID]]:
        """Makes a row of the kind that nothing but its age keeps."""
        makers: dict[Kept, Callable[[timedelta], Awaitable[UUID]]] = {
            "delivery": self.delivery, "given_up_delivery": self.given_up, "webhook_attempt": self.an_attempt,
            "order_attempt": self.call, "callback": self.callback, "notification": self.notification,
            "quote_message": self.quote_message, "message": self.message, "cart": self.cart, "answer": self.answer,
        }  # fmt: skip
        return makers[kind]

    async def left(self, table: str, *ids: UUID) -> list[bool]:
        """Which of the rows are still there."""
        statement = sql.SQL("SELECT id FROM {} WHERE id = ANY(%s)").format(sql.Identifier(table))
        rows = await self.conn.execute(statement, (list(ids),))
        there = {row[0] for row in await rows.fetchall()}
        return [one in there for one in ids]

    async def delete(self, kind: Kept, keep_days: int = 30) -> int:
        return await delete_kind(self.services, Kind(kind, keep_days))
