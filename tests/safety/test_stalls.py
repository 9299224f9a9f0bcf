"""No body of any allowed size keeps the other requests of its process waiting.

Measured from outside: a process of its own asks a server of one process, all the time, whether it is alive. Nothing else here
is asserted by the clock. A machine that does several things at once shows stalls that are not the server's: a body
gets several tries, the shortest counts, and the limit is a multiple of what is promised.
"""

import sys
import time

import httpx
import msgspec
import pytest
import pytest_asyncio

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import open_services
from carelane.settings import read_settings
from tests.cast import Clinic
from tests.factories.accounts import bearer, open_account
from tests.safety.prober import running_prober
from tests.safety.worst_bodies import of_cases, of_every_route, of_others
from tests.server import demo_data, prepared, running_server

# What is promised, how much of that is enough to try no further, and what a busy machine may add.
PROMISED_SECONDS = 0.1
FACTOR = 2.5
TRIES = 6
# Whatever was sent, little is sent back of it.
MOST_ANSWERED_BYTES = 100_000


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A server of one process, for nobody else."""
    with running_server(prepared(tmp_path_factory.mktemp("alone") / "data"), "--no-worker", workers="1") as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people(alone):
    """A clinic there, and the headers of one of its staff."""
    clinic = msgspec.convert(demo_data(alone.data_dir), Clinic)
    url = EmbeddedPostgres(alone.data_dir).application_url
    async with open_services(read_settings({}, data_dir=alone.data_dir, database_url=url)) as services:
        account = await open_account(services, clinic, "ADMIN")
        return clinic, await bearer(services, account.organization_id, account.id)


@pytest.fixture(scope="module")
def longest_stall(alone):
    """The shortest of the longest stalls of some tries, in seconds; the status of the answer with it."""
    with running_prober(alone.url) as prober, httpx.Client(base_url=alone.url, timeout=120) as client:

        def measure(sent) -> tuple[float, int]:
            body, best, status = sent.make(), float("inf"), 0
            for _ in range(TRIES):
                prober.longest_seconds()
                answer = client.request(sent.method, sent.path, content=body, headers=sent.headers)
                status = answer.status_code
                assert len(answer.content) < MOST_ANSWERED_BYTES, sent.name
                time.sleep(0.02)
                best = min(best, prober.longest_seconds())
                if best < PROMISED_SECONDS:
                    break
            return best, status

        yield measure


def tell(*lines: str, sep: str) -> None:
    """Shown by `pytest -rP`."""
    sys.stdout.write(sep.join((*lines, "")))


def judge(measured: dict[str, tuple[float, int]]) -> None:
    worst = sorted(measured.items(), key=lambda item: -item[1][0])
    tell(
        "\nLongest stalls:",
        *(f"{seconds * 1000:6.1f} ms  {status}  {name}" for name, (seconds, status) in worst[:12]),
        sep="\n",
    )
    assert [name for name, (_, status) in worst if status >= 500] == []
    assert [name for name, (seconds, _) in worst if seconds > FACTOR * PROMISED_SECONDS] == []


def test_no_body_to_any_route_stalls_the_process(people, longest_stall):
    judge({sent.name: longest_stall(sent) for sent in of_every_route(*people)})


def test_no_case_stalls_the_process(people, longest_stall):
    judge({sent.name: longest_stall(sent) for sent in of_cases(people[0])})


def test_no_form_and_no_callback_stalls_the_process(people, longest_stall):
    judge({sent.name: longest_stall(sent) for sent in of_others(people[0])})
