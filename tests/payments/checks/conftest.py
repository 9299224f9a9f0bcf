"""A clinic whose books each test spoils a little, and mends again."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import psycopg
import pytest_asyncio
from psycopg import sql

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.payments.invariants.schemas import Finding
from carelane.payments.queries import PaymentRow
from tests.payments.checking import findings_of
from tests.payments.world import Till, open_till


class Books(msgspec.Struct, frozen=True):
    """A clinic that took 159 dollars and gave 40 back, has 159 in dispute, lost 60, won 80, and was paid 99 ahead of its approval."""

    till: Till
    owner_url: str
    refunded: PaymentRow
    disputed: PaymentRow
    lost: PaymentRow
    won: PaymentRow
    ahead: PaymentRow

    async def findings(self) -> list[Finding]:
        return await findings_of(self.till.services, self.till.organization_id)

    def run(self, statement: Any, *values: Any) -> list[tuple[Any, ...]]:
        """As the owner, whom nothing holds back."""
        with psycopg.connect(self.owner_url) as conn:
            conn.execute("SET session_replication_role = replica")
            cursor = conn.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def take_out(self, table: str, where: str, *values: Any) -> list[dict[str, Any]]:
        """Deletes rows; what they were."""
        statement = sql.SQL("DELETE FROM {} t WHERE organization_id = %s AND {} RETURNING to_jsonb(t)").format(
            sql.Identifier(table), sql.SQL(where)
        )
        return [row for (row,) in self.run(statement, self.till.organization_id, *values)]

    def put_back(self, table: str, rows: list[dict[str, Any]]) -> None:
        statement = sql.SQL(
            "INSERT INTO {0} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_recordset(null::{0}, %s::jsonb)"
        ).format(sql.Identifier(table))
        self.run(statement, json.dumps(rows))

    def add(self, table: str, columns: str, cents: int, where: str, *values: Any) -> int:
        """To amounts that go together; how many rows had them."""
        names = [sql.Identifier(column) for column in columns.split()]
        changes = sql.SQL(", ").join(sql.SQL("{0} = {0} + {1}").format(name, cents) for name in names)
        statement = sql.SQL("UPDATE {} SET {} WHERE organization_id = %s AND {} RETURNING 1").format(
            sql.Identifier(table), changes, sql.SQL(where)
        )
        return len(self.run(statement, self.till.organization_id, *values))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def books(counter, bank, hands, tmp_path_factory) -> AsyncIterator[Books]:
    async with httpx.AsyncClient(base_url=counter.url, timeout=30) as http:
        till = await open_till(hands, http, bank, tmp_path_factory.mktemp("books"))
        refunded = await till.paid()
        await till.refund(refunded, 4_000)
        refunded = await till.run(refunded)
        assert refunded.refunded_cents == 4_000
        disputed, lost, won = [await _disputed(till, amount) for amount in (15_900, 6_000, 8_000)]
        for payment, outcome in ((lost, "lost"), (won, "won")):
            dispute_id = bank.objects("dispute", till.key)
            named = next(one["id"] for one in dispute_id if one["payment_intent"] == till.intents(payment)[0]["id"])
            bank.close_dispute(named, outcome)
            await till.hear(payment, await (await till.gateway()).fetch_dispute(named))
        ahead = await _paid_ahead(till)
        opened = Books(till, EmbeddedPostgres(counter.data_dir).owner_url, refunded, disputed, lost, won, ahead)
        assert await opened.findings() == []
        yield opened


async def _disputed(till: Till, amount: int) -> PaymentRow:
    payment = await till.paid(amount)
    dispute = till.bank.dispute(till.intents(payment)[0]["id"])
    return await till.hear(payment, await (await till.gateway()).fetch_dispute(dispute["id"]))


async def _paid_ahead(till: Till) -> PaymentRow:
    """A storefront's own intent, captured before the case was approved: it was credit, and pays the charge."""
    intent_id = till.intent(9_900)
    payment = await till.case(intent_id, 9_900)
    payment = await till.hear(payment, await (await till.gateway()).fetch_intent(intent_id))
    return await till.run(await till.decide(payment))
