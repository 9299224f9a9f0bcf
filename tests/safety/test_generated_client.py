"""A client generated from the document by openapi-python-client has every operation, and its calls arrive."""

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from uuid import UUID

import msgspec
import pytest
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import GeneratorError

from tests.contract import Contract
from tests.factories.cases import case_body
from tests.orders.bodies import strict_body
from tests.orders.shop import Shop, open_shop
from tests.own_clinic import make_clinic
from tests.review.people import employ

NAME = "carelane_client"


class Generated(msgspec.Struct, frozen=True):
    complaints: list[GeneratorError]
    package: ModuleType
    # By their names, such as `api.cases.create_case`.
    modules: dict[str, ModuleType]

    def body(self, name: str, content: dict[str, Any]) -> Any:
        """A value of the generated class, which must keep everything that the content says."""
        made = getattr(self.modules["models"], name).from_dict(content)
        assert made.to_dict() == content
        return made

    async def call(self, operation: str, *arguments: Any, **more: Any) -> Any:
        """The body of the answer of an operation that must succeed, such as `cases.create_case`."""
        answer = await self.modules[f"api.{operation}"].asyncio_detailed(*arguments, **more)
        assert answer.status_code == 200, answer.content
        return answer.parsed


@pytest.fixture(scope="module")
def generated(contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.json").write_bytes(msgspec.json.encode(contract.document))
    config = Config.from_sources(
        ConfigFile(post_hooks=[]), MetaType.NONE, folder / "openapi.json", "utf-8", False, folder / NAME
    )
    complaints = list(generate(config=config))
    sys.path.insert(0, str(folder))
    package = importlib.import_module(NAME)
    names = [found.name for found in pkgutil.walk_packages(package.__path__, f"{NAME}.")]
    yield Generated(
        complaints, package, {name.removeprefix(f"{NAME}."): importlib.import_module(name) for name in names}
    )
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == NAME]:
        del sys.modules[name]


@pytest.fixture(scope="module")
async def shop(client, services, tmp_path_factory) -> Shop:
    clinic = await make_clinic(services, tmp_path_factory.mktemp("shop"))
    return await open_shop(client, services, clinic)


@pytest.fixture
def storefront(generated: Generated, server, shop: Shop) -> Any:
    """The generated client with the clinic's key, as the care dialect wants it."""
    return generated.modules["client"].AuthenticatedClient(
        base_url=server.url, token=shop.clinic.api_key, prefix="", auth_header_name="cv-api-key"
    )


def test_the_generator_complains_of_nothing(generated: Generated):
    assert [f"{complaint.header}: {complaint.detail}" for complaint in generated.complaints] == []


def test_every_operation_has_its_function(generated: Generated, contract: Contract):
    paths = contract.document["paths"].values()
    ids = {operation["operationId"] for operations in paths for operation in operations.values()}
    functions = {
        name.rpartition(".")[2] for name, module in generated.modules.items() if hasattr(module, "asyncio_detailed")
    }
    assert functions == {re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower() for name in ids}


async def test_create_case(generated: Generated, storefront, shop: Shop):
    body = generated.body("CaseIn", case_body(shop.clinic.product_id))
    made = await generated.call("cases.create_case", client=storefront, body=body)
    assert made.success is True
    assert isinstance(made.data.case_id, UUID)


async def test_an_error_is_read_too(generated: Generated, storefront, shop: Shop):
    body = generated.body("CaseIn", case_body(shop.clinic.patient_id))
    answer = await generated.modules["api.cases.create_case"].asyncio_detailed(client=storefront, body=body)
    assert answer.status_code == 422
    assert [problem.field for problem in answer.parsed.errors] == ["products[0].id"]


async def test_place_order(generated: Generated, storefront, shop: Shop):
    case_id = str(await shop.approved_case())
    body = generated.body("PlaceOrderIn", strict_body())
    tried = await generated.call("orders.place_order", case_id, client=storefront, body=body, dry_run="true")
    assert (tried.data.would_create, tried.data.findings) == (True, [])


async def test_a_read_and_a_write_of_the_billing_dialect(generated: Generated, server, shop: Shop):
    billing = generated.modules["client"].Client(base_url=server.url, headers=shop.clinic.billing)
    content = {"patientId": shop.clinic.patient_id, "items": [{"itemId": shop.clinic.item_id, "quantity": 2.0}]}
    made = await generated.call("carts.create_cart", client=billing, body=generated.body("CartIn", content))
    read = await generated.call("carts.get_cart", made.id, client=billing)
    assert [line.unit_price for line in read.items] == [15_900]
    assert read.patient.id == shop.clinic.patient_id
    listed = await generated.call("carts.list_carts", client=billing, patient_id=shop.clinic.patient_id)
    assert [cart.id for cart in listed.data] == [made.id]


@pytest.mark.parametrize("name", ["LocationIn", "LocationForm"])
async def test_json_and_a_form(generated: Generated, server, shop: Shop, name: str):
    billing = generated.modules["client"].Client(base_url=server.url, headers=shop.clinic.billing)
    body = generated.body(name, {"name": f"By {name}", "timezone": "America/New_York"})
    saved = await generated.call("locations.update_or_create_location", client=billing, body=body)
    assert saved.name == f"By {name}"


async def test_a_call_of_staff(generated: Generated, server, services, shop: Shop):
    admin = await employ(services, shop.clinic, "Vera", role="ADMIN")
    scheme, token = admin.headers["Authorization"].split(" ")
    staff = generated.modules["client"].AuthenticatedClient(base_url=server.url, token=token, prefix=scheme)
    members = await generated.call("staff.list_members", client=staff)
    assert str(admin.id) in {str(member.id) for member in members.members}
