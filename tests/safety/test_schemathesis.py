"""Requests made up from the OpenAPI document, the same ones every time: none is answered by a 500 or out of shape."""

from collections import Counter
from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from carelane.processes.connections import MAX_HEAD_BYTES
from tests.cast import Clinic
from tests.contract import the_contract
from tests.own_clinic import make_clinic

# Bodies have more ways to be wrong than what stands in an address.
EXAMPLES_WITH_BODY, EXAMPLES_WITHOUT = 6, 4
# Beyond it the rest of the head has no room.
MAX_URL_CHARACTERS = MAX_HEAD_BYTES - 2_000
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SCHEMA = schemathesis.openapi.from_dict(the_contract().document)
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]

bounded = settings(
    max_examples=EXAMPLES_WITH_BODY,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
async def seller(services, tmp_path_factory) -> Clinic:
    """A clinic for the billing dialect alone: taxes and prices are made up here, which other tests would meet."""
    return await make_clinic(services, tmp_path_factory.mktemp("seller"), requestsPerMinute=1_000_000)


@pytest.fixture(scope="module")
def session(clinic, seller) -> requests.Session:
    """With keys that may do everything, one for each dialect."""
    with requests.Session() as opened:
        opened.headers.update(clinic.key | seller.billing)
        yield opened


def modes_of(operation: Any) -> list[GenerationMode]:
    """What takes no input has none that could be wrong, and any text may stand in a path."""
    has_input = operation.body or operation.query
    return [GenerationMode.POSITIVE, GenerationMode.NEGATIVE] if has_input else [GenerationMode.POSITIVE]


@pytest.mark.parametrize(
    ("operation", "mode"),
    [
        pytest.param(operation, mode, id=f"{operation.label} {mode.value}")
        for operation in OPERATIONS
        for mode in modes_of(operation)
    ],
)
def test_made_up_requests_are_answered_as_documented(server, session, operation, mode):
    @settings(bounded, max_examples=EXAMPLES_WITH_BODY if operation.body else EXAMPLES_WITHOUT)
    @given(case=operation.as_strategy(mode))
    def ask(case: Any) -> None:
        response = case.call(base_url=server.url, session=session, timeout=30)
        if response.status_code == 431 and len(response.request.url) > MAX_URL_CHARACTERS:
            # The connection itself takes no longer ones, and answers before there is a dialect.
            return
        # 501 is an answer, where the document says so: what is asked for is not built yet.
        checks = CHECKS if response.status_code != 501 else [one for one in CHECKS if one is not not_a_server_error]
        case.validate_response(response, checks=checks)

    ask()


def test_made_up_cases_for_a_product_that_is_sold_are_answered_as_documented(server, session, clinic):
    """A product that nobody sells ends the way of a request early; here it goes on to the tables."""
    operation = SCHEMA.find_operation_by_label("POST /api/v1/cases")

    @bounded
    @given(case=operation.as_strategy(GenerationMode.POSITIVE))
    def ask(case: Any) -> None:
        # What is made up can be the document's own example, which other tests read.
        case.body = deepcopy(case.body)
        for product in case.body["products"]:
            product["id"] = clinic.product_id
        case.body["user"]["email"] = f"{uuid4().hex}@patient.example"
        answered[
            case.call_and_validate(base_url=server.url, session=session, checks=CHECKS, timeout=30).status_code
        ] += 1

    answered: Counter[int] = Counter()
    ask()
    assert answered[200] > 0, answered


# What stands in place of made-up names, by the members that hold them.
KNOWN = {
    "patientId": "patient_id", "creatorId": "creator_id", "itemId": "item_id", "packageId": "package_id",
    "locationId": "location_id", "primaryLocationId": "location_id", "preferredProviderId": "creator_id",
}  # fmt: skip


def with_known_names(value: Any, known: dict[str, str]) -> Any:
    """The body with names of records that there are; without an id of its own, so that it is new each time."""
    if isinstance(value, list):
        return [with_known_names(item, known) for item in value]
    if not isinstance(value, dict):
        return value
    named = {name: known.get(name, with_known_names(inner, known)) for name, inner in value.items() if name != "id"}
    if named.keys() >= {"itemId", "packageId"}:
        del named["packageId"]
    return named


@pytest.fixture
def known(seller, session, server) -> dict[str, str]:
    """Names of the seller's records, with a cart and a quote for this test alone."""
    names = {member: getattr(seller, field) for member, field in KNOWN.items()}
    new = {"patientId": seller.patient_id, "creatorId": seller.creator_id, "items": [{"itemId": seller.item_id}]}
    cart = session.post(f"{server.url}/billing/cart", json=new, timeout=30).json()["id"]
    quote = session.post(f"{server.url}/billing/quote", json=new | {"cartId": cart}, timeout=30).json()["id"]
    return names | {"cartId": cart, "quoteId": quote}


@pytest.mark.parametrize(
    "label",
    [
        "POST /billing/cart", "PUT /billing/cart/{cart_id}", "POST /billing/cart/{cart_id}/items", "POST /billing/quote",
        "PUT /billing/quote/{quote_id}", "POST /billing/quote/{quote_id}/items/add", "POST /user/patient/create",
        "POST /billing/cart/{cart_id}/convert-to-charge",
    ],
)  # fmt: skip
def test_made_up_bodies_about_records_that_exist_are_answered_as_documented(server, session, known, label):
    """A name that nobody has ends the way of a request early; here it goes on to the tables."""
    operation = SCHEMA.find_operation_by_label(label)

    @bounded
    @given(case=operation.as_strategy(GenerationMode.POSITIVE))
    def ask(case: Any) -> None:
        case.body = with_known_names(deepcopy(case.body), known)
        case.path_parameters = {"cart_id": known["cartId"], "quote_id": known["quoteId"]}
        status = case.call_and_validate(base_url=server.url, session=session, checks=CHECKS, timeout=30).status_code
        answered[status] += 1

    answered: Counter[int] = Counter()
    ask()
    assert answered[200] > 0, answered
