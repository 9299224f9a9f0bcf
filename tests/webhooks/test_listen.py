"""`carelane listen`: the command a developer runs beside a receiver that is being written."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from standardwebhooks import Webhook

from tests.detail.asking import create_case
from tests.receiver import Behaviour
from tests.webhooks.cast import happen


@asynccontextmanager
async def listening(*options, **environment):
    command = [sys.executable, "-m", "carelane", "listen", *options]
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # Who runs the tests in the background of a shell ignores Ctrl-C, and so would the command.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.communicate(), 20)


async def line(process):
    return (await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip()


async def test_events_are_forwarded_signed_and_told_line_by_line(client, clinic, server, receiver):
    path = f"/{uuid4().hex}"
    target = ["--forward-to", receiver.url + path, "--server", server.url]
    async with listening(*target, CARELANE_KEY=clinic.api_key) as process:
        secret = (await line(process)).removeprefix("secret: ")
        assert "position" in await line(process)
        case_id = await create_case(client, clinic)
        await receiver.until(lambda _: receiver.at(path))
        told = await line(process)
    (request,) = receiver.at(path)
    assert Webhook(secret).verify(request.body, request.headers)["payload"]["case"]["id"] == str(case_id)
    assert f"CREATE_CASE {request.json['id']} → 200" in told
    assert process.returncode == 0


async def test_it_waits_for_a_receiver_that_is_down_and_keeps_the_order(client, clinic, server, receiver, services):
    path = f"/{uuid4().hex}"
    receiver.behave(path, Behaviour(status=500), Behaviour(drop=True))
    case_id = await create_case(client, clinic)
    await happen(services, UUID(clinic.organization_id), case_id, type="ESCALATE_CASE")
    options = ["--forward-to", receiver.url + path, "--server", server.url, "--key", clinic.api_key, "--after", "0"]
    async with listening(*options, "--secret", "a-secret-to-know") as process:
        assert await line(process) == "secret: a-secret-to-know"
        await receiver.until(lambda _: len(receiver.at(path)) >= 4)
        told = [await line(process) for _ in range(5)]
    assert receiver.events_at(path) == ["CREATE_CASE"] * 3 + ["ESCALATE_CASE"]
    assert [entry.endswith(("→ 500", "→ 200")) for entry in told[1:]] == [True, False, True, True]


async def test_a_key_that_is_refused_ends_it_with_one_line(server, clinic, receiver):
    options = ["--forward-to", receiver.url, "--server", server.url, "--key", "cvk_wrong"]
    async with listening(*options) as process:
        _, error = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2
    assert error.decode().count("\n") == 1
    assert "cases:read" in error.decode()


@pytest.mark.parametrize("options", [[], ["--after", "-1", "--key", "x"]])
async def test_what_is_missing_or_wrong_is_told(options, receiver):
    async with listening("--forward-to", receiver.url, *options, CARELANE_KEY="") as process:
        _, error = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2
    assert error
