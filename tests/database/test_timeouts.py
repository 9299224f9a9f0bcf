"""A statement that runs into its time-out is an answer of its own: 503 that says so, never that the database is away."""

import re
from collections.abc import Iterator

import httpx
import psycopg
import pytest
from bench.growth.asking import asks, page_asks
from bench.growth.inside import inside

from carelane.app import openapi_document
from carelane.console.failures import SLOW
from carelane.kit.errors import StatementTimeoutError
from carelane.services import open_services
from carelane.settings import read_settings
from tests.console.pages import found_routes
from tests.grown import Grown, grown

SOON = "ALTER ROLE carelane IN DATABASE carelane SET statement_timeout = '100ms'"
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'carelane' AND pid <> pg_backend_pid()"
# More than a server keeps.
SESSIONS = 20
# What lists are made from. Sessions, keys and staff are not among them: whoever asks is still let in.
LOCKED = (
    "cases", "patients", "orders", "payments", "carts", "charges", "quotes", "products", "bundles", "messages", "events",
    "webhook_deliveries", "webhook_attempts", "pharmacy_callbacks", "gateway_events", "calendar_events", "search_tokens", "patient_tags", "locations",
    "taxes", "templates", "forms", "drugs", "daily_figures", "balance_findings", "pharmacies", "promo_codes",
)  # fmt: skip
TIMED_OUT = StatementTimeoutError()
SAID = (TIMED_OUT.message, TIMED_OUT.detail, SLOW[0])
# By no more than this a list is known to be one.
PAGING = {"page", "per_page", "limit", "size", "after", "before", "offset", "recordsPerPage", "n"}
FILES = re.compile(r"\.csv|/exports?(/|$)")
# They read what is not locked, or nothing for the values that are sent.
NOT_OF_THESE = {
    "/admin/providers/list", "/webhook/decoda/list", "/api/staff/webhook-endpoints", "/api/staff/patients/{patient_id}/reads",
    "/api/v1/users/me/files", "/api/v1/events",
}  # fmt: skip


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grown]:
    """Somebody holds the tables, and statements may take a moment only."""
    with grown(tmp_path_factory.mktemp("locked")) as made:
        with psycopg.connect(made.database.owner_url, autocommit=True) as conn:
            conn.execute(SOON)
            conn.execute(END)
        # Each session that was ended costs one request.
        while not all(httpx.get(f"{made.url}/health/ready").is_success for _ in range(SESSIONS)):
            pass
        yield made


async def test_every_list_says_that_it_timed_out(locked: Grown):
    document = openapi_document()
    lists = {
        path
        for path, operations in document["paths"].items()
        if {one["name"] for one in operations.get("get", {}).get("parameters", [])} & PAGING and not FILES.search(path)
    }
    pages = [path for method, path in found_routes() if method == "GET"]
    settings = read_settings({}, data_dir=locked.data_dir, database_url=locked.database.application_url)
    said: set[str] = set()
    wrong: list[str] = []
    async with open_services(settings) as services, inside(services, locked.caller) as asked:
        everything = [*asks(document, locked.known), *page_asks(pages, locked.known)]
        with psycopg.connect(locked.database.owner_url) as conn:
            conn.execute(f"LOCK TABLE {', '.join(LOCKED)} IN ACCESS EXCLUSIVE MODE")
            # The first of each route; the others differ in their filters only.
            for ask in {one.name.split(" ")[0]: one for one in reversed(everything)}.values():
                # A file that has begun can only break off.
                if FILES.search(ask.name):
                    continue
                answer = await asked.ask(ask)
                if answer.status == 503 and any(words in answer.text for words in SAID):
                    said.add(ask.name.split(" ")[0])
                elif answer.status >= 500:
                    wrong.append(f"{ask.name}: {answer.status} {answer.text[:500]}")
    assert not wrong, "\n".join(wrong)
    assert lists - said - NOT_OF_THESE == set()
    assert {"/console/queue", "/console/orders", "/console/patients"} <= said


@pytest.mark.parametrize(
    ("path", "headers"), [("/api/v1/customer-latest-case-id?email=a@b.example", "key"), ("/billing/cart", "billing")]
)
async def test_over_http_in_each_dialect(locked: Grown, path: str, headers: str):
    async with httpx.AsyncClient(base_url=locked.url, headers=getattr(locked.clinic, headers), timeout=30) as client:
        with psycopg.connect(locked.database.owner_url) as conn:
            conn.execute("LOCK TABLE cases, carts, patients IN ACCESS EXCLUSIVE MODE")
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30"), answer.text
            assert "database cannot be reached" not in answer.text
            assert TIMED_OUT.message in answer.text or TIMED_OUT.detail in answer.text
            metrics = (await client.get("/metrics")).text
        after = await client.get(path)
        assert after.status_code != 503, after.text
    counted = next(line for line in metrics.splitlines() if line.startswith("carelane_statements_timed_out_total"))
    assert float(counted.split()[-1]) >= 1
