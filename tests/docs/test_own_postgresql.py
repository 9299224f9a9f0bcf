"""docs/operations/own-postgresql.md, done to an empty cluster."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from carelane.surfaces.docs.examples import CREATE_CASE
from tests.docs.cluster import PASSWORD, empty_cluster, free_port
from tests.docs.commands import run_shell
from tests.docs.pages import DOCS, blocks
from tests.pooler import folder_of_its_own, serving
from tests.server import running_server

PAGE = DOCS / "operations" / "own-postgresql.md"
HOST = "db.internal:5432"
POOLER = "127.0.0.1:6432"


@pytest.fixture(scope="module")
def host():
    with empty_cluster() as address:
        yield address


@pytest.fixture(scope="module")
def migrated(host, tmp_path_factory):
    """The page's roles and database, migrated by the page's command; yields what that printed."""
    roles, afterwards = blocks(PAGE, "sql")
    administer(host, roles)
    printed = run_shell(blocks(PAGE, "sh")[0].replace(HOST, host), tmp_path_factory.mktemp("migrate"))
    administer(host, afterwards)
    return printed


def administer(host: str, statements: str) -> None:
    with psycopg.connect(f"postgresql://postgres:{PASSWORD}@{host}/postgres", autocommit=True) as conn:
        for statement in filter(None, map(str.strip, statements.split(";"))):
            conn.execute(statement)


def application_url(host: str) -> str:
    return f"postgresql://carelane:change-me-app@{host}/carelane"


def test_an_owner_without_superuser_migrates(migrated, host, tmp_path):
    assert migrated.startswith("The database is at ")
    again = run_shell(blocks(PAGE, "sh")[0].replace(HOST, host), tmp_path)
    assert again == migrated


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("data") / "data"


def test_server_and_worker_run_on_it(migrated, host, data_dir):
    settings = {"database_url": application_url(host)}
    with running_server(data_dir, "--workers", "1", **settings) as running:
        demo = demo_data_of(host, data_dir)
        key, other = {"cv-api-key": demo["apiKey"]}, {"cv-api-key": demo["other"]["apiKey"]}
        created = httpx.post(f"{running.url}/api/v1/cases", headers=key, json=CREATE_CASE)
        assert created.status_code == 200, created.text
        path = f"{running.url}/api/v1/customer-case-detail?caseId={created.json()['data']['caseId']}"
        assert httpx.get(path, headers=key).json()["caseDetail"]["responses"]
        assert httpx.get(path, headers=other).status_code == 404


def test_they_run_behind_the_pages_pooler(migrated, host, data_dir):
    (configuration,), pooled = blocks(PAGE, "ini"), blocks(PAGE, "sh")[1]
    database, port = host.split(":")[1], str(free_port())
    url, is_pooled = re.findall(r"=\'?([^\'\n]+)", pooled.replace(POOLER, f"127.0.0.1:{port}"))
    with folder_of_its_own() as folder:
        users = folder / "userlist.txt"
        users.write_text('"carelane" "change-me-app"\n')
        configuration = configuration.replace("db.internal port=5432", f"127.0.0.1 port={database}")
        configuration = configuration.replace("= 6432", f"= {port}").replace("/etc/pgbouncer/userlist.txt", str(users))
        settings = {"database_url": url, "database_pooled": is_pooled}
        with serving(folder, configuration, url), running_server(data_dir, "--workers", "1", **settings) as running:
            key = {"cv-api-key": demo_data_of(host, data_dir)["apiKey"]}
            body = CREATE_CASE | {"user": CREATE_CASE["user"] | {"email": "pooled@patient.example"}}
            created = httpx.post(f"{running.url}/api/v1/cases", headers=key, json=body)
            assert created.status_code == 200, created.text


def demo_data_of(host: str, data_dir: Path) -> dict[str, Any]:
    settings = {"CARELANE_DATABASE_URL": application_url(host), "CARELANE_DATA_DIR": str(data_dir)}
    return json.loads(run_shell("carelane demo-data --json", data_dir.parent, **settings))


def test_the_owner_sees_what_the_monitoring_page_asks_for(migrated, host):
    (statements,) = blocks(DOCS / "operations" / "monitoring.md", "sql")
    with psycopg.connect(f"postgresql://carelane_owner:change-me-owner@{host}/carelane") as conn:
        for statement in filter(None, map(str.strip, statements.split(";"))):
            conn.execute(statement)


def test_the_owner_changes_the_master_key(migrated, host, data_dir):
    demo_data_of(host, data_dir)
    settings = {
        "CARELANE_DATABASE_URL": application_url(host),
        "CARELANE_DATABASE_OWNER_URL": f"postgresql://carelane_owner:change-me-owner@{host}/carelane",
        "CARELANE_DATA_DIR": str(data_dir),
    }
    printed = run_shell("carelane rotate-master-key", data_dir.parent, **settings)
    assert printed.startswith("2 data keys are under the new master key.")
