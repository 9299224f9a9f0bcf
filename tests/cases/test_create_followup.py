"""What the worker makes of a created case."""

import asyncio
import time

import pytest

from tests.cases.bodies import case_body
from tests.own_clinic import make_clinic

WAIT_SECONDS = 20.0
HIRE = """
INSERT INTO staff (organization_id, id, email, first_name, last_name, role)
SELECT %s, gen_random_uuid(), gen_random_uuid() || '@example.com', first_name, 'Berg', 'CASEWORKER'
FROM unnest(%s::text[]) AS new (first_name) RETURNING id::text
"""
# Of an organization that assigns by itself, with somebody to take the case: it is not waiting any more.
WAITS = """
SELECT FROM cases c JOIN organizations o ON o.id = c.organization_id
WHERE c.id = %s AND c.status = 'OPEN' AND o.assignment_policy <> 'none' AND EXISTS (
  SELECT FROM staff s WHERE s.organization_id = c.organization_id AND s.takes_cases AND s.deactivated_at IS NULL)
"""


@pytest.fixture
def until():
    """Looks again and again until what it sees is true."""

    async def wait(look):
        deadline = time.monotonic() + WAIT_SECONDS
        while not (found := await look()):
            assert time.monotonic() < deadline, f"waited {WAIT_SECONDS} s in vain"
            await asyncio.sleep(0.05)
        return found

    return wait


@pytest.fixture
def settled(until, rows):
    """Waits until the dispatcher has seen the case's event and the case has somebody, if anybody is there."""

    async def wait(case_id):
        event = "SELECT id::text FROM events WHERE case_id = %s AND type = 'CREATE_CASE' AND dispatched_at IS NOT NULL"
        ((event_id,),) = await until(lambda: rows(event, case_id))

        async def is_quiet():
            return not await rows(WAITS, case_id)

        await until(is_quiet)
        return event_id

    return wait


@pytest.fixture
async def staffed(services, tmp_path, rows):
    """Makes a clinic with a policy and three members of staff who take cases."""

    async def make(policy):
        clinic = await make_clinic(
            services, tmp_path, assignmentPolicy=policy, notificationEmails=["cases@own-clinic.example"]
        )
        staff = await rows(HIRE, clinic.organization_id, ["Ada", "Ben", "Cleo"])
        return clinic, {row[0] for row in staff}

    return make


@pytest.mark.parametrize("policy", ["round_robin", "least_loaded"])
async def test_an_open_case_is_assigned_and_its_activity_tells(created, detail, staffed, settled, policy):
    clinic, staff = await staffed(policy)
    case_id = await created(case_body(clinic.product_id), headers=clinic.key)
    await settled(case_id)

    case = await detail(case_id, key=clinic.key)

    assert case["status"] == "ASSIGNED"
    assert case["assignedAt"] is not None
    assert case["assignedTo"]["id"] in staff
    assert [entry["assignee"] for entry in case["assignees"]] == [case["assignedTo"]]
    assert [(entry["type"], entry["valueBefore"], entry["valueAfter"]) for entry in case["activity"]] == [
        ("CREATE_CASE", None, None),
        ("ADD_CASE_ASSIGNEE", "OPEN", "ASSIGNED"),
    ]


async def test_round_robin_gives_everybody_a_turn(created, detail, staffed, settled):
    clinic, staff = await staffed("round_robin")
    given = set()
    for _ in range(3):
        case_id = await created(case_body(clinic.product_id), headers=clinic.key)
        await settled(case_id)
        given.add((await detail(case_id, key=clinic.key))["assignedTo"]["id"])
    assert given == staff


async def test_without_a_policy_the_case_stays_open(created, detail, staffed, settled):
    clinic, _ = await staffed("none")
    case_id = await created(case_body(clinic.product_id), headers=clinic.key)
    await settled(case_id)
    case = await detail(case_id, key=clinic.key)
    assert (case["status"], case["assignedTo"]) == ("OPEN", None)


async def test_nobody_to_take_it_leaves_the_case_open(created, detail, services, tmp_path, settled):
    clinic = await make_clinic(services, tmp_path, assignmentPolicy="round_robin")
    case_id = await created(case_body(clinic.product_id), headers=clinic.key)
    await settled(case_id)
    assert (await detail(case_id, key=clinic.key))["status"] == "OPEN"


async def test_an_abandoned_cart_leaves_no_job_assignment_or_message(created, detail, staffed, settled, rows):
    clinic, _ = await staffed("round_robin")
    cart = case_body(clinic.product_id, status="ABANDONED")
    case_id = await created(cart, headers=clinic.key)
    await settled(case_id)
    # A case sent later has been through the queue, so the cart's jobs, had there been any, were made before.
    await settled(await created(case_body(clinic.product_id), headers=clinic.key))

    case = await detail(case_id, key=clinic.key)

    assert (case["status"], case["assignedTo"]) == ("ABANDONED", None)
    assert [entry["type"] for entry in case["activity"]] == ["CREATE_CASE"]
    assert await rows("SELECT id FROM messages WHERE record_id = %s", case_id) == []


async def test_the_event_names_who_sent_the_case_and_by_which_request(client, rows, clinic):
    headers = {**clinic.key, "x-request-id": "storefront-12345"}
    response = await client.post("/api/v1/cases", json=case_body(clinic.product_id), headers=headers)
    found = await rows(
        "SELECT e.actor_kind, c.name, e.request_id FROM events e JOIN credentials c ON c.id = e.actor_id WHERE e.case_id = %s",
        response.json()["data"]["caseId"],
    )
    assert ("key", "Storefront", "storefront-12345") in found
