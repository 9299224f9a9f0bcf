"""Requests made up from the OpenAPI document, about a case that is there: none is answered by a 500 or out of shape."""

from collections import Counter
from typing import Any

import pytest
import requests
from hypothesis import given, settings

from tests.detail.asking import create_case
from tests.review.people import Desk, decision
from tests.safety.test_schemathesis import CHECKS, OPERATIONS, bounded, modes_of

# More than in the walk through all routes: here the case is real, and what is made up comes further.
few = settings(bounded, max_examples=10)
OURS = [operation for operation in OPERATIONS if operation.path.startswith("/api/staff/cases")]


@pytest.fixture
async def held(client, pier, ada) -> Desk:
    """A case in Ada's hands, whose product the examples do not know. A decision on it was undone, so that there is one to read."""
    desk = Desk(client, await create_case(client, pier))
    await desk.done(ada, "start")
    await desk.done(ada, "decide", {"decisions": [decision(pier.product_id)], "graceSeconds": 300})
    await desk.done(ada, "undo-decision")
    return desk


@pytest.mark.parametrize(
    ("operation", "mode"),
    [
        pytest.param(operation, mode, id=f"{operation.label} {mode.value}")
        for operation in OURS
        for mode in modes_of(operation)
    ],
)
async def test_made_up_requests_about_a_case_are_answered_as_documented(server, ada, held, operation, mode):
    answered: Counter[int] = Counter()
    with requests.Session() as session:
        session.headers.update(ada.headers)

        @few
        @given(case=operation.as_strategy(mode))
        def ask(case: Any) -> None:
            if case.path_parameters:
                case.path_parameters["case_id"] = str(held.case_id)
            answer = case.call_and_validate(base_url=server.url, session=session, checks=CHECKS, timeout=30)
            answered[answer.status_code] += 1

        ask()
    # Some try another credential; the others came past the door and were judged by their content.
    assert set(answered) - {401, 403, 404}, answered


def test_every_route_about_cases_is_tried():
    assert len(OURS) == 26
