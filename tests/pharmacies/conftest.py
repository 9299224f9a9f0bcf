"""One simulator for all tests of the adapters, and both adapters towards it."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

from carelane.kit.http import Http
from carelane.pharmacies.adapters import Adapter
from carelane.pharmacies.adapters.fhir import FhirAdapter
from carelane.pharmacies.adapters.http import HttpAdapter
from tests.pharmacies.simulator import running_simulator

SECRET = b"shared by clinic and pharmacy"
TIMEOUT_SECONDS = 2.0
DIALECTS = {"http": (HttpAdapter, ""), "fhir": (FhirAdapter, "/fhir")}


class AtPharmacy:
    """What the simulator tells about itself."""

    def __init__(self, url: str) -> None:
        self.url = url

    def orders(self, external_id: object) -> list[dict[str, object]]:
        return httpx.get(f"{self.url}/_simulator/orders/{external_id}").json()["orders"]

    def received_count(self, external_id: object) -> int:
        return httpx.get(f"{self.url}/_simulator/orders/{external_id}").json()["receivedCount"]


@pytest.fixture(scope="session")
def simulator_url() -> Iterator[str]:
    with running_simulator(secret=SECRET.decode(), ship_after=0.2, deliver_after=0.2, slow=6) as url:
        yield url


@pytest.fixture(scope="session")
def at_pharmacy(simulator_url: str) -> AtPharmacy:
    return AtPharmacy(simulator_url)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def http() -> AsyncIterator[Http]:
    opened = Http("127.0.0.0/8")
    yield opened
    await opened.close()


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def adapter(dialect: str, http: Http, simulator_url: str) -> Adapter:
    return make_adapter(dialect, http, simulator_url)


def make_adapter(
    dialect: str, http: Http, url: str, secret: bytes = SECRET, timeout_seconds: float = TIMEOUT_SECONDS
) -> Adapter:
    kind, path = DIALECTS[dialect]
    return kind(http, url + path, secret, timeout_seconds)
