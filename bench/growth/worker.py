"""What the worker asks of all organizations at once: every function of the database that it may call, as the catalogue has them.

Each is carried out and undone. What it looks at inside counts, too.
"""

from collections.abc import Iterator
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql

from bench.growth.plans import blocks

_FUNCTIONS: LiteralString = """
SELECT p.proname, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY a (t, n) ORDER BY a.n)
FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND p.prokind = 'f'
  AND p.prorettype <> 'trigger'::regtype AND has_function_privilege('carelane_app', p.oid, 'EXECUTE') ORDER BY p.proname
"""
# One of each type; an id is that of the large organization.
_VALUES = {
    "integer": "500", "uuid[]": "'{}'", "interval": "'1 day'", "text": "'x'", "text[]": "'{}'",
    "bytea": "'\\x00'", "timestamp with time zone": "now()", "date": "current_date", "jsonb": "'[]'", "boolean": "false", "double precision": "1",
    "inet": "'127.0.0.1'", "bigint": "0",
}  # fmt: skip
# Of the events that came last.
_LAST: LiteralString = "(SELECT e.{} FROM events e ORDER BY e.number DESC LIMIT 500)"
_EVENTS: LiteralString = f"ARRAY{_LAST.format('organization_id')}, ARRAY{_LAST.format('id')}"
_OF_EVENTS = {"make_deliveries", "release_orders"}
# The dispatcher's work, so that there is some.
_WAITING: LiteralString = (
    "UPDATE events SET dispatched_at = NULL, position = NULL WHERE number > (SELECT max(number) - 500 FROM events)"
)
_LISTENING: LiteralString = (
    "UPDATE webhook_endpoints SET disabled_at = NULL, disabled_reason = NULL, created_at = '2000-01-01'"
)
# They change what a whole database is like, or wait for somebody.
_LEFT_OUT = frozenset({"make_ledger_snapshots"})


def worker_statements(owner: psycopg.Connection) -> Iterator[tuple[str, float, int]]:
    """Name, milliseconds and blocks of each."""
    values = _VALUES | {"uuid": f"'{large_organization(owner)}'"}
    for name, types in owner.execute(_FUNCTIONS).fetchall():
        if name not in _LEFT_OUT:
            yield name, *_measured(owner, name, types, values)


def _measured(owner: psycopg.Connection, name: str, types: list[str], of_type: dict[str, str]) -> tuple[float, int]:
    arguments = _EVENTS if name in _OF_EVENTS else ", ".join(f"{of_type[one]}::{one}" for one in types)
    with owner.transaction(force_rollback=True):
        # Events are found by the tables' owner; the function itself runs as whom it belongs to.
        row = owner.execute(f"SELECT {arguments}" if name in _OF_EVENTS else "SELECT 1").fetchone()
        values: tuple[Any, ...] = row if name in _OF_EVENTS and row is not None else ()
        owner.execute(_WAITING)
        owner.execute(_LISTENING)
        owner.execute("SET LOCAL ROLE carelane_app")
        owner.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        given = ", ".join(sql.Literal(list(value)).as_string(owner) + "::uuid[]" for value in values) or arguments
        call = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) SELECT * FROM {name}({given})"
        found = owner.execute(call.encode()).fetchone()
    assert found is not None
    return found[0][0]["Execution Time"], blocks(found[0][0]["Plan"])


def large_organization(owner: psycopg.Connection) -> UUID:
    row = owner.execute("SELECT organization_id FROM cases GROUP BY 1 ORDER BY count(*) DESC LIMIT 1").fetchone()
    assert row is not None
    return UUID(str(row[0]))
