"""A server whose tables all have rows, of twenty organizations, and a database that believes they have a million each."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
from bench.growth.inside import Caller
from bench.growth.load import load
from bench.growth.values import known_values

from carelane.kit.embedded_postgres import EmbeddedPostgres
from tests.cast import Clinic
from tests.server import demo_data, prepared, running_server

CASES = 400

# Autovacuum would find out. The pages that a table really has are multiplied with what it is said to have on each.
_BELIEVE = """
ALTER SYSTEM SET autovacuum = off;
SELECT pg_reload_conf();
UPDATE pg_class SET reltuples = 1000000, relpages = 1 WHERE oid = ANY(%s::regclass[]);
"""
# Those that row-level security divides among the organizations.
_TENANT_TABLES = """
SELECT c.oid::regclass::text FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relrowsecurity ORDER BY 1
"""


class Grown(msgspec.Struct, frozen=True, kw_only=True):
    database: EmbeddedPostgres
    url: str
    data_dir: Path
    clinic: Clinic
    known: dict[str, list[str]]
    tables: list[str]

    @property
    def caller(self) -> Caller:
        clinic = self.clinic
        return Caller(UUID(clinic.organization_id), clinic.api_key, clinic.tenant, UUID(self.known["patient_id"][0]))


@contextmanager
def grown(folder: Path) -> Iterator[Grown]:
    with running_server(prepared(folder / "data"), "--no-worker") as running:
        database, clinic = EmbeddedPostgres(running.data_dir), msgspec.convert(demo_data(running.data_dir), Clinic)
        load(database.owner_url, clinic.organization_id, CASES)
        with psycopg.connect(database.owner_url, autocommit=True) as conn:
            tables = [row[0] for row in conn.execute(_TENANT_TABLES).fetchall()]
            known = known_values(conn, UUID(clinic.organization_id))
        yield Grown(
            database=database,
            url=running.url,
            data_dir=running.data_dir,
            clinic=clinic,
            known=known,
            tables=tables,
        )


def believe_in_millions(grown: Grown) -> None:
    with psycopg.connect(grown.database.owner_url, autocommit=True) as conn:
        for statement in _BELIEVE.strip().split("\n"):
            conn.execute(statement, (grown.tables,) if "%s" in statement else None)
