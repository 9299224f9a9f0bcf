"""Random acts of patients, staff, banks and the gateway, beside a plain model of the money: server, gateway and books agree with it
after each.

CARELANE_MODEL_EXAMPLES and CARELANE_MODEL_STEPS ask for more than the suite runs.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.payments.models.cards import Cards
from tests.payments.models.cases import Cases
from tests.payments.models.plans import Plans
from tests.payments.models.sales import Sales

EXAMPLES = int(os.environ.get("CARELANE_MODEL_EXAMPLES", "5"))
STEPS = int(os.environ.get("CARELANE_MODEL_STEPS", "20"))


@pytest.mark.parametrize("machine", [Sales, Cards, Cases, Plans], ids=lambda one: one.__name__)
def test_server_gateway_and_books_agree_with_the_model(open_stand, machine):
    standing = type(machine.__name__, (machine,), {"open_stand": staticmethod(open_stand)})
    run_state_machine_as_test(
        standing,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            # What fails is told as it was found: each try takes seconds.
            phases=[Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
