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

from tests.contract import Contract

EXAMPLES_PER_OPERATION = 40
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SCHEMA = schemathesis.openapi.from_dict(Contract().document)
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]

bounded = settings(
    max_examples=EXAMPLES_PER_OPERATION,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def session(clinic) -> requests.Session:
    """With a key that may do everything."""
    with requests.Session() as opened:
        opened.headers.update(clinic.key)
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
    @bounded
    @given(case=operation.as_strategy(mode))
    def ask(case: Any) -> None:
        case.call_and_validate(base_url=server.url, session=session, checks=CHECKS, timeout=30)

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
