"""Outgoing HTTP: which addresses are reached at all. Against real sockets."""

import pytest

from carelane.kit.http import NotSentError, TargetRefusedError
from tests.kit.test_http import OK, answering

PRIVATE = [
    "http://127.0.0.1/", "http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/", "http://169.254.169.254/latest",
    "http://0.0.0.0/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[fe80::1]/", "http://[fd00::1]/",
    "http://224.0.0.1/", "http://100.64.0.1/", "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/", "http://[::127.0.0.1]/", "http://[2001:db8::1]/",
    # What clouds tell their machines there, and what Python's own tables let pass.
    "http://168.63.129.16/machine", "http://192.0.0.192/opc", "http://100.100.100.200/latest", "http://[fd00:ec2::254]/latest",
    "http://192.0.0.8/", "http://192.0.0.9/", "http://192.31.196.1/", "http://192.52.193.1/", "http://192.88.99.1/",
    "http://192.175.48.1/", "http://198.18.0.1/", "http://203.0.113.1/", "http://240.0.0.1/", "http://255.255.255.255/",
    "http://[64:ff9b:1::1]/", "http://[64:ff9b:1:7f00:1::]/", "http://[fec0::1]/", "http://[::ffff:0:127.0.0.1]/",
    "http://[::ffff:0:93.184.216.34]/", "http://[100::1]/", "http://[100:0:0:1::1]/", "http://[3fff::1]/", "http://[5f00::1]/",
    "http://[2001::7f00:1]/", "http://[2001:20::1]/", "http://[2620:4f:8000::1]/", "http://[ff02::1]/", "http://[::]/",
    "http://[4000::1]/", "http://[2606:2800:220:1:0:5efe:10.0.0.1]/", "http://[2606:2800:220:1:200:5efe:127.0.0.1]/",
    "http://[fe80::1%25eth0]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[2002:a83f:8110::1]/",
]  # fmt: skip
UNREADABLE = ["", "clinic.example/hook", "ftp://93.184.216.34/", "file:///etc/passwd", "http://", "http://a@93.184.216.34/",
              "http://:p@93.184.216.34/", "http://93.184.216.34:port/", "http://[::1/"]  # fmt: skip


@pytest.mark.parametrize("url", PRIVATE + UNREADABLE)
async def test_private_addresses_and_what_is_no_web_address_are_refused(public, url):
    with pytest.raises(TargetRefusedError):
        public.require_allowed(url)
    with pytest.raises(TargetRefusedError):
        await public.send("POST", url, timeout_seconds=1)


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.216.34/",
        "https://[2606:2800:220:1::1]/",
        "https://clinic.example/hook",
        "http://[64:ff9b::5db8:d822]/",
        "http://[2002:5db8:d822::1]/",
        "http://[2a00:1450:4001:80b::200e]/",
        "http://168.63.129.17/",
        "http://192.0.1.1/",
    ],
)
def test_public_addresses_and_names_pass(public, url):
    public.require_allowed(url)


@pytest.mark.parametrize("written", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1"])
async def test_this_machine_written_another_way_is_refused(public, written):
    async with answering(OK) as (port, heads):
        with pytest.raises(NotSentError):
            await public.send("GET", f"http://{written}:{port}/", timeout_seconds=5)
    assert heads == []


async def test_a_name_is_judged_by_where_it_leads_when_the_socket_is_made(public):
    """What DNS rebinding ends in: the name itself was found to be fine, the address that is connected to is not."""
    async with answering(OK) as (port, heads):
        url = f"http://localhost:{port}/"
        public.require_allowed(url)
        with pytest.raises(TargetRefusedError):
            await public.send("GET", url, timeout_seconds=5)
    assert heads == []


async def test_a_name_that_leads_to_this_machine_is_found_out_beforehand(public, loopback):
    with pytest.raises(TargetRefusedError):
        await public.require_public("https://localhost/hook")
    with pytest.raises(TargetRefusedError):
        await public.require_public("https://nowhere.invalid/hook")
    await loopback.require_public("https://localhost/hook")


async def test_an_allowed_network_is_reached_by_name_too(loopback):
    async with answering(OK) as (port, _):
        assert (await loopback.send("GET", f"http://localhost:{port}/", timeout_seconds=5)).status == 200


async def test_a_closed_one_opens_again(loopback):
    async with answering(OK) as (port, _):
        for _ in range(2):
            assert (await loopback.send("GET", f"http://127.0.0.1:{port}/", timeout_seconds=5)).status == 200
            await loopback.close()
