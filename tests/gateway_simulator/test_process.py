"""The command: it says where it is, gets its webhook from its options, and ends when it is told to."""

import signal
import subprocess
import sys
import time

import httpx

from tests.gateway_simulator.test_payments import pay
from tests.gateway_simulator.world import READY, STOP_SECONDS, GatewayWorld, Listener, running_gateway
from tests.pharmacies.receiver import receiving

COMMAND = [sys.executable, "-m", "carelane", "gateway-simulator"]


def test_it_stops_at_once_when_told_to():
    process = subprocess.Popen([*COMMAND, "--port", "0"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith(f"{READY}http://127.0.0.1:")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(STOP_SECONDS) == 0
    assert time.monotonic() - began < 5
    assert process.stdout.read() == ""
    process.stdout.close()


def one_line_of(*options: str) -> str:
    done = subprocess.run([*COMMAND, *options], check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    return done.stderr


def test_a_port_that_is_taken_is_one_line(gateway_simulator: GatewayWorld):
    assert "choose with --port" in one_line_of("--port", gateway_simulator.url.rpartition(":")[2])


def test_an_address_without_a_secret_is_one_line():
    assert "--webhook-secret" in one_line_of("--webhook-url", "http://127.0.0.1:1/")
    assert "--webhook-url" in one_line_of("--webhook-secret", "whsec_1")


async def test_the_webhook_of_the_options_and_nothing_after_a_reset():
    async with receiving() as receiver:
        with running_gateway(
            webhook_url=receiver.url, webhook_secret="whsec_old,whsec_new", webhook_key="sk_test_mine"
        ) as world:
            client = world.client("sk_test_mine")
            pay(world.client("sk_test_other"))
            intent = pay(client)
            events = await Listener(receiver, "whsec_new").until_type("payment_intent.succeeded")
            assert events[0].data.object["id"] == intent.id
            world.reset()
            assert (world.objects("payment_intent"), world.calls()) == ([], {})
            assert client.v1.payment_intents.list().data == []


def test_what_cannot_be_told_is_told(gateway_simulator: GatewayWorld):
    wrong = {
        "clock": {"seconds": -1},
        "settle": {"id": "pi_nobody"},
        "disputes": {"payment": "pi_nobody"},
        "disputes/close": {"id": "du_nobody", "outcome": "won"},
        "deliver": {"ids": ["evt_nobody"]},
        "settings": {"speed": 3},
        "keys": {},
    }
    for path, body in wrong.items():
        answer = httpx.post(f"{gateway_simulator.url}/control/{path}", json=body)
        assert (answer.status_code, bool(answer.json()["message"])) == (400, True), path
    assert httpx.post(f"{gateway_simulator.url}/control/clock", content=b"{").status_code == 400
