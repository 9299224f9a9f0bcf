"""The adapter against the simulator's own process, and against a provider that misbehaves."""

import os
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest
from aiohttp import web

from carelane.kit.http import Http
from carelane.messages.errors import SendError
from carelane.messages.simulator import BUSY_NUMBER
from carelane.messages.sms import SmsGateway, send, sms_gateway
from carelane.settings import read_settings


@contextmanager
def simulator(*options):
    command = [sys.executable, "-m", "carelane", "sms-simulator", "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)
    try:
        first = process.stdout.readline()
        assert first.startswith("The SMS simulator is ready on ")
        yield first.split()[-1], process
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


async def shown_by(url):
    async with httpx.AsyncClient() as client:
        return (await client.get(f"{url}/messages")).json()


@pytest.fixture
async def http():
    made = Http("127.0.0.0/8")
    yield made
    await made.close()


async def test_the_simulator_prints_what_it_gets_and_shows_it(http):
    with simulator("--account", "clinic", "--token", "secret") as (url, process):
        gateway = SmsGateway(f"{url}/".rstrip("/"), "clinic", "secret", "+15550100100")
        await send(http, gateway, "+15550100123", "Grüße & 100 % = ?\nsecond line")
        assert process.stdout.readline() == "+15550100100 -> +15550100123\n"
        assert process.stdout.readline() == "Grüße & 100 % = ?\n"
        (shown,) = await shown_by(url)
        assert shown == {
            "recipient": "+15550100123",
            "sender": "+15550100100",
            "text": "Grüße & 100 % = ?\nsecond line",
        }


@pytest.mark.parametrize(
    ("account", "token", "recipient", "text", "is_final"),
    [
        ("clinic", "wrong", "+15550100123", "x", False),
        ("other", "secret", "+15550100123", "x", False),
        ("clinic", "secret", "5550100123", "x", True),
        ("clinic", "secret", "+15550100123", "", True),
        ("clinic", "secret", BUSY_NUMBER, "x", False),
    ],
)
async def test_what_the_provider_refuses_is_told_without_the_message(http, account, token, recipient, text, is_final):
    with simulator("--account", "clinic", "--token", "secret") as (url, _):
        with pytest.raises(SendError) as refused:
            await send(http, SmsGateway(url, account, token, "+15550100100"), recipient, text)
        assert refused.value.is_final is is_final
        assert recipient not in str(refused.value)
        assert await shown_by(url) == []


async def test_a_provider_that_cannot_be_reached_may_be_later(http):
    with pytest.raises(SendError) as refused:
        await send(http, SmsGateway("http://127.0.0.1:1", "clinic", "secret", "+1"), "+15550100123", "x")
    assert not refused.value.is_final


async def test_a_redirect_is_no_delivery_and_the_token_goes_nowhere_else(http):
    seen = []

    async def answer(request):
        seen.append(request.path)
        raise web.HTTPFound("/elsewhere")

    app = web.Application()
    app.add_routes([web.route("*", "/{rest:.*}", answer)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        with pytest.raises(SendError):
            await send(http, SmsGateway(url, "a/b", "secret", "+1"), "+15550100123", "x")
    finally:
        await runner.cleanup()
    assert seen == ["/2010-04-01/Accounts/a/b/Messages.json"]


def test_without_an_address_there_are_no_text_messages():
    assert sms_gateway(read_settings({})) is None


def test_a_simulator_and_a_provider_at_once_are_refused():
    both = {"CARELANE_SMS_URL": "https://sms.example", "CARELANE_SMS_SIMULATOR_URL": "http://127.0.0.1:8491"}
    with pytest.raises(ValueError, match="CARELANE_SMS_SIMULATOR_URL"):
        read_settings(both)


def test_the_gateway_does_not_print_its_token():
    gateway = sms_gateway(read_settings({"CARELANE_SMS_URL": "http://sms.example/", "CARELANE_SMS_TOKEN": "hush"}))
    assert gateway is not None
    assert gateway.url == "http://sms.example"
    assert "hush" not in repr(gateway)


def test_the_simulator_says_when_its_port_is_taken():
    with simulator() as (url, _):
        port = url.rpartition(":")[2]
        command = [sys.executable, "-m", "carelane", "sms-simulator", "--port", port]
        second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert second.returncode == 2
        assert "cannot listen on" in second.stderr
