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


def run(*arguments: str, seconds: int = 120) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CARELANE_")}
    command = [sys.executable, "-m", "carelane", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds, env=environment)


def test_openapi_prints_the_document():
    done = run("openapi")
    assert (done.returncode, json.loads(done.stdout)) == (0, openapi_document())


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
