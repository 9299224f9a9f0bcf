"""Every sealed value of a clinic is damaged: no list, page or feed stops; what does not open is shown as damaged, counted and logged."""

import json
from collections.abc import Iterator

import httpx
import psycopg
import pytest
from bench.growth.asking import asks, page_asks
from bench.growth.inside import inside

from carelane.app import openapi_document
from carelane.kit.damage import DAMAGED
from carelane.services import open_services
from carelane.settings import read_settings
from tests.console.pages import found_routes
from tests.grown import Grown, grown

# Keys and secrets: without them nothing can be done, and nothing must be done.
SECRETS = {"organization_data_keys", "gateway_accounts", "pharmacies", "staff", "webhook_endpoints", "idempotency_keys"}
_SEALED = """
SELECT c.table_name, c.column_name FROM information_schema.columns c
WHERE c.table_schema = 'public' AND c.data_type = 'bytea' AND c.column_name LIKE '%sealed%' ORDER BY 1, 2
"""
# A value of the right version that no key opens.
_GARBAGE = "decode('01' || repeat('5a', 60), 'hex')"
# Where at least one is to be seen, and what was sealed there.
SHOWN = {
    "/user/patient/table": "chart",
    "/billing/cart": "notes",
    "/billing/charge/table": "description",
    "/billing/quote/list": "title",
    "/api/v1/customer-case-detail": "answer",
    "/api/v1/cases": "answer",
    "/api/staff/pharmacy-inbox/{callback_id}": "message",
    "/api/staff/messages": "recipient",
    "/api/staff/orders/{order_id}/contents": "resolution",
    "/api/staff/cases/{case_id}": "comment",
    "/api/v1/users/me/cases/{case_id}/messages": "comment",
}
# They show one thing whole, which is the damaged one; nothing stands beside it.
ONE_THING = {
    "/api/staff/cases/{case_id}/order-draft",
    "/api/staff/cases/{case_id}/held-decision",
    "/api/staff/drafts/{record_kind}/{record_id}",
    "/billing/quote/public/{quote_id}",
    "/console/cases/{case_id}/order",
    # A clinic is not compared with, nor written as, something that it is not.
    "/api/staff/settings/changed-elsewhere",
    "/api/staff/settings/organization-file",
    "/console/settings/changes",
    "/console/settings/file",
    "/console/settings/file/download",
}


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grown]:
    with grown(tmp_path_factory.mktemp("damaged")) as made:
        with psycopg.connect(made.database.owner_url, autocommit=True) as conn:
            conn.execute("SET session_replication_role = replica")
            conn.execute("UPDATE pharmacy_callbacks SET status = 'WAITING', applied_at = NULL")
            for table, column in conn.execute(_SEALED).fetchall():
                if table not in SECRETS:
                    damage(conn, table, column)
        yield made


def damage(conn: psycopg.Connection, table: str, column: str) -> None:
    """In every row, unless only some may have a value."""
    statement = f"UPDATE {table} SET {column} = {_GARBAGE}"
    try:
        conn.execute(statement)
    except psycopg.errors.CheckViolation:
        conn.execute(f"{statement} WHERE {column} IS NOT NULL")


async def test_no_list_stops(damaged: Grown):
    settings = read_settings({}, data_dir=damaged.data_dir, database_url=damaged.database.application_url)
    pages = [path for method, path in found_routes() if method == "GET"]
    stopped, seen = [], set()
    async with open_services(settings) as services, inside(services, damaged.caller) as asked:
        for ask in [*asks(openapi_document(), damaged.known), *page_asks(pages, damaged.known)]:
            answer = await asked.ask(ask)
            route = ask.name.split(" ")[0]
            if answer.status >= 500 and route not in ONE_THING:
                stopped.append(f"{ask.name}: {answer.status} {answer.text[:500]}")
            if DAMAGED in answer.text:
                seen.add(route)
    assert not stopped, "\n".join(stopped)
    assert set(SHOWN) <= seen, f"nothing is shown as damaged by {set(SHOWN) - seen}"


async def test_the_feed_goes_on_and_the_damage_is_counted_and_logged(damaged: Grown):
    async with httpx.AsyncClient(base_url=damaged.url, headers=damaged.clinic.key, timeout=30) as client:
        feed = await client.get("/api/v1/events", params={"after": "0", "limit": "100"})
        assert feed.status_code == 200, feed.text
        assert len(feed.json()["data"]["events"]) == 100
        listed = await client.get(
            "/api/v1/customer-case-detail",
            params={"caseId": damaged.known["case_id"][0], "includeAttachments": "true"},
        )
        assert DAMAGED in listed.text
        # The file of each is lost, which the loader never wrote.
        (lost,) = listed.json()["caseDetail"]["attachments"]
        assert {"content", "url"}.isdisjoint(lost)
        metrics = (await client.get("/metrics")).text
    counted = [line for line in metrics.splitlines() if line.startswith("carelane_damaged_values_total{")]
    for place in ("form_answers.sealed", "attachments.storage_key"):
        assert any(f'place="{place}"' in line for line in counted), counted
    lines = (damaged.data_dir.parent / f"{damaged.data_dir.name}.log").read_text().splitlines()
    told = [json.loads(line) for line in lines if "value_damaged" in line]
    assert {"form_answers.sealed", "comments.text_sealed"} <= {line["place"] for line in told}
    assert all("5a5a" not in json.dumps(line) for line in told)
