"""Commands that end by themselves."""

import json
import os
import subprocess
import sys

import httpx
import msgspec

from carelane.app import create_litestar, openapi_document
from carelane.services import make_services
from carelane.web.edge import Edge


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CARELANE_")}
    command = [sys.executable, "-m", "carelane", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, env=environment)


def test_openapi_prints_the_document():
    done = run("openapi")
    assert (done.returncode, json.loads(done.stdout)) == (0, openapi_document())


def test_the_demo_tells_its_story():
    done = run("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "49 of 49 requests were answered as expected" in done.stdout
    assert "RECEIVED → " in done.stdout
    assert "the order is DELIVERED" in done.stdout
    assert "the quote was charged once" in done.stdout


async def test_without_its_database_the_server_says_when_to_come_again(services, tmp_path):
    settings = msgspec.structs.replace(services.settings, database_url=f"postgresql://nobody@/none?host={tmp_path}")
    app = create_litestar(settings, make_services(settings))
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(Edge(app)), base_url="http://carelane") as client,
    ):
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert (await client.get("/health/live")).status_code == 200
