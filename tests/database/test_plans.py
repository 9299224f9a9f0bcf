"""No list may read a table from its beginning to its end: the plans of everything that a GET sends, as the server gets them.

What is asked comes from the routes: a new list, filter or order is in here by itself.
"""

from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio
from bench.growth.asking import Ask, asks, page_asks
from bench.growth.inside import Sent, inside
from bench.growth.plans import explain, sequential
from bench.growth.worker import worker_statements

from carelane.app import openapi_document
from carelane.services import open_services
from carelane.settings import Settings, read_settings
from tests.console.pages import found_routes
from tests.factories.rows import insert_row
from tests.grown import Grown, believe_in_millions, grown
from tests.safety import every_table

# What stays small whatever a clinic does, or is read whole because it is all shown.
READ_WHOLE: dict[str, str] = {}
_EVENT = "SELECT id FROM events WHERE organization_id = %s AND case_id = %s LIMIT 1"
# Nobody but the database writes them.
_SNAPSHOTS = (
    "SELECT make_ledger_snapshots('00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000', 1000)"
)
# Else nothing was listened to.
LEAST_STATEMENTS = 200


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def large(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Grown]:
    with grown(tmp_path_factory.mktemp("grown")) as made:
        organization_id, case_id = made.caller.organization_id, UUID(made.known["case_id"][0])
        async with open_services(settings_of(made)) as services:
            async with services.db.reading(organization_id) as conn:
                (event_id,) = await (await conn.execute(_EVENT, (organization_id, case_id))).fetchone() or (None,)
            assert event_id
            # A table without a row has no page, and no plan reads it in another way than whole.
            await every_table.fill(services, organization_id, case_id, event_id)
            fee = {"payment_id": UUID(made.known["payment_id"][0]), "position": 0, "label": "Row", "amount_cents": 0}
            await insert_row(services, organization_id, "payment_sub_fees", **fee)
        with psycopg.connect(made.database.owner_url, autocommit=True) as owner:
            owner.execute(_SNAPSHOTS)
        believe_in_millions(made)
        yield made


def settings_of(large: Grown) -> Settings:
    return read_settings({}, data_dir=large.data_dir, database_url=large.database.application_url)


def everything_asked(large: Grown) -> list[Ask]:
    pages = [path for method, path in found_routes() if method == "GET"]
    return [*asks(openapi_document(), large.known), *page_asks(pages, large.known)]


async def test_no_list_reads_a_whole_table(large: Grown):
    offenders: dict[str, str] = {}
    explained: set[str] = set()
    async with open_services(settings_of(large)) as services, inside(services, large.caller) as asked:
        with psycopg.connect(large.database.application_url, autocommit=True) as conn:
            for ask in everything_asked(large):
                answer = await asked.ask(ask)
                # One plan for all values: each text needs to be looked at once.
                for statement in (sent for sent in answer.statements if sent.text not in explained):
                    explained.add(statement.text)
                    offenders |= {f"{ask.name}: {scan}": text for scan, text in scans_of(conn, large, statement)}
    assert len(explained) > LEAST_STATEMENTS
    assert not offenders, "\n\n".join(f"{place}\n{problem}" for place, problem in offenders.items())


def scans_of(conn: psycopg.Connection, large: Grown, statement: Sent) -> list[tuple[str, str]]:
    plan = explain(conn, large.caller.organization_id, statement)
    scans = sequential(plan) if plan is not None else []
    return [
        (str(scan), f"{scan.condition}\n{statement.text[:1500]}")
        for scan in scans
        if scan.table in large.tables and scan.table not in READ_WHOLE
    ]


async def test_whatever_the_worker_calls_is_measured(large: Grown):
    """By `bin/bench --growth`, a new function too: none needs a value that it does not get."""
    with psycopg.connect(large.database.owner_url, autocommit=True) as owner:
        measured = {name for name, _, _ in worker_statements(owner)}
    assert {"list_due_work", "make_deliveries", "delete_old_deliveries", "take_requests"} <= measured
