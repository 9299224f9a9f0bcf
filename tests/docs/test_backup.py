"""docs/operations/backup-and-restore.md, done for real: what was backed up is read back after everything else is gone."""

import shutil

import httpx
import psycopg
import pytest

from carelane import migrations
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.migrations import application_role
from carelane.surfaces.docs.examples import PLACE_ORDER
from tests.docs.cluster import PASSWORD, empty_cluster
from tests.docs.commands import run_shell
from tests.docs.pages import DOCS, blocks
from tests.docs.test_own_postgresql import HOST, administer, application_url
from tests.docs.test_own_postgresql import PAGE as OWN_PAGE
from tests.factories.cases import case_body
from tests.pharmacies.simulator import running_simulator
from tests.processes.waiting import until
from tests.server import RunningServer, demo_data, prepared, running_server

PAGE = DOCS / "operations" / "backup-and-restore.md"
CASE = "/api/v1/cases/123e4567-e89b-12d3-a456-426614174000"
CONTENT = "JVBERi0xLjcgYSB2ZXJ5IHNob3J0IGxhYm9yYXRvcnkgcmVwb3J0IHRoYXQgaXMga2VwdA=="


def case_with_document(product_id: str) -> dict[str, object]:
    question = {"question": "Results", "type": "FILE", "phi": True, "answer": {"name": "results.pdf", "data": CONTENT}}
    weight = {"question": "Weight", "type": "TEXT", "phi": True, "answer": "138 lbs"}
    return case_body(product_id, products=[{"id": product_id, "form": {"questions": [weight, question]}}])


def read_case(running: RunningServer, key: dict[str, str], case_id: str) -> dict:
    path = f"{running.url}/api/v1/customer-case-detail?caseId={case_id}&includeAttachments=true"
    return httpx.get(path, headers=key).json()["caseDetail"]


def test_a_case_with_its_document_comes_back(tmp_path):
    folders = {name: str(tmp_path / name.lower()) for name in ("DATA", "BACKUP", "RESTORED")}
    data, restored = tmp_path / "data", tmp_path / "restored"
    back_up, restore = blocks(PAGE, "bash")
    with running_server(prepared(data), "--workers", "1") as running:
        demo = demo_data(data)
        key = {"cv-api-key": str(demo["apiKey"])}
        created = httpx.post(
            f"{running.url}/api/v1/cases", headers=key, json=case_with_document(str(demo["productId"]))
        )
        case_id = created.json()["data"]["caseId"]
        run_shell(back_up, tmp_path, **folders)
    shutil.rmtree(data)

    try:
        run_shell(restore, tmp_path, **folders)
        with running_server(restored, "--workers", "1", "--no-worker") as running:
            case = read_case(running, key, case_id)
    finally:
        EmbeddedPostgres(restored).stop()
    assert case["attachments"][0]["content"] == CONTENT
    assert case["responses"][0]["responses"][0]["text"] == "138 lbs"


def test_an_order_that_was_sent_after_the_backup_is_not_sent_again(tmp_path):
    folders = {name: str(tmp_path / name.lower()) for name in ("DATA", "BACKUP", "RESTORED")}
    data, restored = tmp_path / "data", tmp_path / "restored"
    back_up, restore = blocks(PAGE, "bash")
    with running_simulator() as pharmacy:
        hurried = {"pharmacy_simulator_url": pharmacy, "pharmacy_ask_seconds": "0.3", "pharmacy_poll_seconds": "0.5"}
        with running_server(prepared(data), "--workers", "1", "--no-worker", **hurried) as running:
            key = {"cv-api-key": str(demo_data(data)["apiKey"])}
            assert httpx.post(f"{running.url}{CASE}", headers=key, json=PLACE_ORDER).status_code == 200
            run_shell(back_up, tmp_path, **folders)
        with running_server(data, "--workers", "1", **hurried):
            until(lambda: at_pharmacy(pharmacy))
        shutil.rmtree(data)

        try:
            run_shell(restore, tmp_path, **folders)
            with psycopg.connect(EmbeddedPostgres(restored).owner_url) as conn:
                assert conn.execute(blocks(PAGE, "sql")[-1].encode()).rowcount == 1
            with running_server(restored, "--workers", "1", **hurried) as running:
                until(lambda: order_status(running, key) == "DELIVERED")
        finally:
            EmbeddedPostgres(restored).stop()
        assert at_pharmacy(pharmacy) == 1


def at_pharmacy(url: str) -> int:
    """How many orders the simulator took; it never sees that it has one already."""
    return len(httpx.get(f"{url}/_simulator/orders").json()["orders"])


def order_status(running: RunningServer, key: dict[str, str]) -> str:
    path = f"{running.url}/api/v1/customer-case-detail?caseId={CASE.rpartition('/')[2]}&includeOrders=true"
    (order,) = httpx.get(path, headers=key).json()["caseDetail"]["orders"]
    return str(order["status"])


@pytest.fixture
def hosts():
    """The cluster that is lost, and the new one."""
    with empty_cluster() as old, empty_cluster() as new:
        yield old, new


def test_a_database_of_your_own_comes_back_in_a_new_cluster(hosts, tmp_path):
    old, new = hosts
    roles = blocks(OWN_PAGE, "sql")[0]
    dump, restore = blocks(PAGE, "sh")
    programs = run_shell(f"{blocks(PAGE, 'bash')[0].splitlines()[0]}\necho $PG", tmp_path).strip()
    administer(old, roles)
    run_shell(blocks(OWN_PAGE, "sh")[0].replace(HOST, old), tmp_path)
    run_shell(f"{programs}/{dump.replace(HOST, old)}", tmp_path)

    administer(new, roles)
    administer(new, blocks(PAGE, "sql")[0])
    run_shell(f"{programs}/{restore.replace(HOST, new).replace('the-password', PASSWORD)}", tmp_path)

    run_shell(blocks(OWN_PAGE, "sh")[0].replace(HOST, new), tmp_path)

    assert migrations.is_current(application_url(new))
    application_role.require_good_sessions(application_url(new), pooled=False)
    with psycopg.connect(f"postgresql://postgres:{PASSWORD}@{new}/carelane") as conn:
        owners = conn.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'").fetchall()
        system = conn.execute("SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'claim_events'").fetchall()
    assert (owners, system) == ([("carelane_owner",)], [("carelane_system",)])
