"""A clinic with charges of its own."""

from uuid import UUID

import pytest
import pytest_asyncio

from carelane.kit.auth import system_actor
from carelane.kit.ids import record_id
from tests.charges.money import Till
from tests.charges.selling import CREATE
from tests.factories.rows import insert_row
from tests.own_clinic import make_clinic
from tests.payments.checking import kept_in_order


def named(organization_id, name):
    """The columns of a record that its caller named."""
    return {"id": record_id(organization_id, name), "given_id": name}


@pytest.fixture(scope="module")
async def till(services, tmp_path_factory):
    """A clinic whose patients owe."""
    return await make_clinic(services, tmp_path_factory.mktemp("till"))


@pytest.fixture(scope="module")
async def till_id(till):
    return UUID(till.organization_id)


@pytest.fixture
def ask(client, till):
    """An answer to the till's clinic, unless other headers are given."""

    async def send(path, headers=None, **params):
        own = till.billing if headers is None else headers
        return await client.get(f"/billing/charge/{path}", params=params or None, headers=own)

    return send


@pytest.fixture(scope="module")
async def second_patient(services, till_id):
    return await insert_row(
        services,
        till_id,
        "patients",
        **named(till_id, "pat_2"),
        first_name="Iris",
        last_name="Quill",
        external_id="chart-9",
    )


@pytest.fixture
async def money(client, services, till):
    """The till with somebody at it, and a gateway."""
    return await Till.open(client, services, till)


@pytest.fixture
def transaction(services, till_id):
    return lambda: services.db.transaction(system_actor(till_id))


@pytest_asyncio.fixture(autouse=True, scope="module", loop_scope="session")
async def money_is_in_order(services):
    """What the file's tests did with money holds together."""
    async with kept_in_order(services, asks_gateways=False):
        yield


@pytest.fixture(scope="module")
async def stranger(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("stranger"))


@pytest.fixture
def sale(till):
    """A body that sells tablets for what they come to."""

    def body(total=10_000, **more):
        line = {"itemId": till.item_id, "quantity": 1, "price": total}
        return {"patientId": till.patient_id, "totalOutstanding": total, "items": [line]} | more

    return body


@pytest.fixture
def sell(client, till):
    async def send(body, path=CREATE, headers=None, status=200, **more):
        own = (till.billing if headers is None else headers) | more
        answer = await client.post(path, json=body, headers=own)
        assert answer.status_code == status, answer.text
        return answer.json()

    return send
