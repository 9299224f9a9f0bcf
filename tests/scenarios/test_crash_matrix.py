"""The worker, or a server, is killed with -9 at each named point of an order's way and started again: nothing is lost, and
nothing is done twice.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from carelane.kit import failpoints
from tests.processes.waiting import until
from tests.scenarios.world import ARRIVE_SECONDS, World, require_invariants, running_world
from tests.style.source import modules
from tests.undying import undying_worker

# Where a process dies, and how the pharmacy behaves meanwhile.
MATRIX = (
    ("order.claimed", "accept"),
    ("order.pdf_made", "accept"),
    ("order.sending", "accept"),
    ("order.sent", "accept"),
    ("order.sent", "lost"),
    ("order.sent", "drop"),
    ("order.committed", "accept"),
    ("order.committed", "lost"),
    ("order.document_stored", "accept"),
    ("callback.stored", "accept"),
    ("dispatcher.claimed", "accept"),
    ("dispatcher.committed", "accept"),
    ("webhook.claimed", "accept"),
    ("webhook.sent", "accept"),
    ("webhook.committed", "accept"),
)
# What is taken over is taken over soon.
SETTINGS = {"claim_lease_seconds": "2", "pharmacy_ask_seconds": "0.5", "pharmacy_poll_seconds": "1"}
# These lie on the way of a request, of a quote's message, or of an organization file, and have tests of their own
# (tests/quote_sending/test_crash.py, tests/organizations/test_apply_events.py, tests/payments/test_crash.py,
# tests/payment_page/test_crash.py, tests/review/test_grace_crash.py, tests/retention/test_races.py).
ELSEWHERE = {
    "answer_kept", "answer_committed", "apply.written", "cart.converted", "gateway_event.applied",
    "gateway_event.claimed", "gateway_event.fetched", "gateway_event.kept", "gateway_event.settled", "gateway_events.read",
    "decision.claimed", "decision.taken", "message.claimed", "message.sent",
    "message.written", "payment.claimed", "payment.locked", "payment.posted", "payment.recorded", "payment.settled",
    "plan.claimed", "plan.written", "payment_page.confirmed", "payment_page.confirming", "checkout.answered", "checkout.applied", "checkout.begun",
    "quote.accepted_to_pay", "retention.batch", "rotate.committed", "rotate.next_written", "rotate.previous_written", "rotate.wrapped",
}  # fmt: skip


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that names the point, while somebody is to die there."""
    return tmp_path_factory.mktemp("failpoint") / "armed"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, armed: Path) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("crashing")
    with (
        running_world(folder, "--no-worker", failpoint=str(armed), **SETTINGS) as made,
        undying_worker(made.server, armed),
    ):
        yield made


@pytest.mark.parametrize(("point", "scenario"), MATRIX)
def test_killed_there_the_order_still_arrives_once(world: World, armed: Path, point: str, scenario: str):
    case_id = world.new_case()
    armed.write_text(point)
    assert world.place(case_id, scenario).status_code == 200
    until(lambda: not armed.exists(), ARRIVE_SECONDS)
    require_invariants(world, case_id, "DELIVERED")


def test_the_matrix_has_every_point():
    reached = {
        node.args[0].value
        for tree in modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == f"failpoints.{failpoints.reach.__name__}"
        and isinstance(node.args[0], ast.Constant)
    }
    assert reached == {point for point, _ in MATRIX} | ELSEWHERE
