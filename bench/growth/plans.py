"""Plans of statements as the server gets them: by the application's role, prepared, the same plan for all values."""

from collections.abc import Iterator
from typing import Any, LiteralString
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql
from psycopg._queries import PostgresQuery
from psycopg.adapt import Transformer

from bench.growth.inside import Sent

Plan = dict[str, Any]
# What only reads. That a read is recorded costs the same wherever it is.
_EXPLAINED = ("SELECT", "WITH", "(SELECT")


def explain(conn: psycopg.Connection, organization_id: UUID, statement: Sent, *options: LiteralString) -> Plan | None:
    """None of what has no plan. The connection's role is the application's; nothing is carried out unless ANALYZE is asked for."""
    if not statement.text.lstrip().upper().startswith(_EXPLAINED):
        return None
    transformer = Transformer.from_context(conn)
    query = PostgresQuery(transformer)
    query.convert(statement.text, statement.values)
    names = [_type_name(conn, oid) for oid in query.types]
    asked = ", ".join(("FORMAT JSON", *options))
    with conn.transaction(force_rollback=True):
        conn.execute("SELECT set_config('carelane.organization_id', %s, true)", (organization_id.hex,))
        conn.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        types = f"({', '.join(names)})" if names else ""
        conn.pgconn.exec_(f"DEALLOCATE ALL; PREPARE explained {types} AS ".encode() + query.query)
        literals = sql.SQL(", ").join([sql.Literal(value) for value in _arguments(query, statement.values)])
        call = sql.SQL("({})").format(literals) if names else sql.SQL("")
        row = conn.execute(sql.SQL("EXPLAIN ({}) EXECUTE explained").format(sql.SQL(asked)) + call).fetchone()
    assert row is not None
    return row[0][0]["Plan"]  # type: ignore[no-any-return]


def _arguments(query: PostgresQuery, values: Any) -> list[Any]:
    if isinstance(values, dict):
        return [values[name] for name in query._order or []]
    return list(values or ())


def _type_name(conn: psycopg.Connection, oid: int) -> str:
    found = conn.adapters.types.get(oid)
    if not oid or found is None:
        return "unknown"
    return found.name if found.oid == oid else f"{found.name}[]"


def blocks(plan: Plan) -> int:
    """How many pages of 8 kB were looked at: what a machine that is busy cannot change. Of a plan with ANALYZE and BUFFERS."""
    return int(plan.get("Shared Hit Blocks", 0)) + int(plan.get("Shared Read Blocks", 0))


class Scan(msgspec.Struct, frozen=True):
    """Of a table from its beginning to its end."""

    table: str
    rows: float
    condition: str

    def __str__(self) -> str:
        return f"{self.table} ({self.rows:,.0f} rows)"


def nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def sequential(plan: Plan) -> list[Scan]:
    """What is read whole."""
    return [
        Scan(node["Relation Name"], node["Plan Rows"], node.get("Filter", ""))
        for node in nodes(plan)
        if node["Node Type"] == "Seq Scan"
    ]
