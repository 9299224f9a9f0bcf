"""An order's whole way over HTTP, with the real worker and a pharmacy that behaves well, badly, or worse."""

import pytest

from tests.scenarios.world import World, require_invariants

PHARMACIES = ("pharmacy-123", "pharmacy-fhir")


@pytest.mark.parametrize("pharmacy", PHARMACIES)
@pytest.mark.parametrize("scenario", ["accept", "slow", "5xx", "drop", "duplicate", "reorder", "partial", "lost"])
def test_an_order_arrives_once_however_the_pharmacy_behaves(world: World, scenario: str, pharmacy: str):
    case_id = world.new_case()
    assert world.place(case_id, scenario, pharmacy).status_code == 200
    require_invariants(world, case_id, "DELIVERED")


@pytest.mark.parametrize("pharmacy", PHARMACIES)
def test_a_refused_order_is_told_and_can_be_placed_again(world: World, pharmacy: str):
    case_id = world.new_case()
    assert world.place(case_id, "reject", pharmacy).status_code == 200
    require_invariants(world, case_id, "REJECTED")
    assert world.order(case_id)["message"]
    assert world.place(case_id, "accept", pharmacy).status_code == 200


def test_parcels_of_one_order_are_told_one_by_one(world: World):
    case_id = world.new_case()
    world.place(case_id, "partial")
    require_invariants(world, case_id, "DELIVERED")
    told = [body["event"] for body in world.told(case_id)]
    assert told.count("ORDER_TRACKING_ADDED") == 2
    assert len({log["status"] for log in world.order(case_id)["shippingLogs"]}) >= 1


def test_sixty_orders_at_once_arrive_once_each(world: World):
    cases = [world.new_case() for _ in range(60)]
    scenarios = ("accept", "drop", "duplicate", "5xx", "reorder", "partial")
    for number, case_id in enumerate(cases):
        assert world.place(case_id, scenarios[number % len(scenarios)]).status_code == 200
    for case_id in cases:
        require_invariants(world, case_id, "DELIVERED")
