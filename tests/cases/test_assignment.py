"""Cases that wait are assigned: by however many workers, while people act on them and staff come and go."""

import asyncio
import time
from collections import Counter
from uuid import UUID, uuid4

import psycopg
import pytest

from carelane.cases.assignment.actions import assign_waiting, next_turns
from carelane.kit.auth import Actor, system_actor
from carelane.kit.errors import ScopeMissingError
from carelane.staff.queries import RotaMember
from tests.cases.bodies import case_body
from tests.factories.rows import insert_row, update_row
from tests.own_clinic import make_clinic
from tests.review.people import Desk, employ

POLICY = "UPDATE organizations SET assignment_policy = %s WHERE id = %s RETURNING id"
CASES = """
INSERT INTO cases (organization_id, id, short_id, patient_id, type, title, status, is_archived)
SELECT %s, gen_random_uuid(), gen_random_uuid()::text, %s, 'GLP', 'A case', %s, %s FROM generate_series(1, %s) RETURNING id
"""
GIVEN = """
SELECT c.assigned_to_id, e.target_id, g.staff_id, e.case_sequence, e.value_before, e.value_after FROM cases c
JOIN events e ON e.case_id = c.id AND e.type = 'ADD_CASE_ASSIGNEE'
JOIN case_assignees g ON g.case_id = c.id
WHERE c.organization_id = %s AND c.status = 'ASSIGNED'
"""
OPEN = "SELECT count(*) FROM cases WHERE organization_id = %s AND status = 'OPEN' AND NOT is_archived"
WAIT_SECONDS = 5.0


class Ward:
    """A clinic, its waiting cases, and whoever takes them. The worker of the tests' server assigns them too."""

    def __init__(self, services, clinic, rows):
        self.services, self.clinic, self.rows = services, clinic, rows
        self.organization_id = UUID(clinic.organization_id)
        self.actor = system_actor(self.organization_id)

    async def hire(self, **values):
        values = {"email": f"{uuid4().hex}@x.example", "first_name": "Ida", "last_name": "Berg"} | values
        return await insert_row(
            self.services, self.organization_id, "staff", **({"role": "CASEWORKER", "takes_cases": True} | values)
        )

    async def wait(self, count, status="OPEN", is_archived=False):
        values = (self.organization_id, UUID(self.clinic.patient_id), status, is_archived, count)
        return [row[0] for row in await self.rows(CASES, *values)]

    async def given(self):
        return await self.rows(GIVEN, self.organization_id)

    async def left(self):
        return (await self.rows(OPEN, self.organization_id))[0][0]

    async def assign(self):
        return await assign_waiting(self.services, self.actor)


@pytest.fixture
async def ward(services, tmp_path, rows):
    """The policy is set, and there is nobody: the worker does not look at it before a test hires somebody."""
    return Ward(services, await make_clinic(services, tmp_path, assignmentPolicy="round_robin"), rows)


async def until(look):
    deadline = time.monotonic() + WAIT_SECONDS
    while not (found := await look()):
        assert time.monotonic() < deadline, f"waited {WAIT_SECONDS} s in vain"
        await asyncio.sleep(0.05)
    return found


async def test_a_case_that_came_while_nobody_was_there_is_assigned_when_somebody_is(ward):
    await ward.wait(3)
    await asyncio.sleep(0.5)
    assert await ward.left() == 3
    staff_id = await ward.hire()

    async def all_given():
        return len(await ward.given()) == 3

    await until(all_given)
    assert await ward.given() == [(staff_id, staff_id, staff_id, 1, "OPEN", "ASSIGNED")] * 3


async def test_cases_of_a_clinic_that_begins_to_assign_are_assigned(ward):
    await ward.rows(POLICY, "none", ward.organization_id)
    await ward.hire()
    await ward.wait(2)
    await asyncio.sleep(0.5)
    assert await ward.left() == 2
    await ward.rows(POLICY, "least_loaded", ward.organization_id)

    async def none_left():
        return await ward.left() == 0

    await until(none_left)


async def test_a_case_that_was_taken_from_somebody_is_assigned_again(client, services, created, ward):
    case_id = await created(case_body(ward.clinic.product_id), headers=ward.clinic.key)
    manager = await employ(services, ward.clinic, "Mia", role="CASEMANAGER")
    first = await ward.hire()
    desk = Desk(client, UUID(case_id))

    async def holder():
        return (await ward.rows("SELECT assigned_to_id FROM cases WHERE id = %s", UUID(case_id)))[0][0]

    assert await until(holder) == first
    second = await ward.hire()
    await desk.done(manager, "unassign")
    assert await until(holder) == second


async def test_many_workers_at_once_give_each_case_to_one_and_everybody_as_many(ward):
    staff = {await ward.hire() for _ in range(4)}
    await ward.rows(POLICY, "none", ward.organization_id)
    await ward.wait(900)
    await ward.rows(POLICY, "round_robin", ward.organization_id)

    async def work():
        while await ward.left():
            await ward.assign()

    await asyncio.gather(*(work() for _ in range(4)))
    given = await ward.given()
    assert len(given) == 900
    assert all(assigned == told == listed for assigned, told, listed, *_ in given)
    counts = Counter(assigned for assigned, *_ in given)
    assert set(counts) == staff
    assert set(counts.values()) == {225}


async def test_nobody_gets_a_case_who_is_let_go_at_the_same_moment(ward, owner_url):
    gone, stays = await ward.hire(), await ward.hire()
    await ward.rows(POLICY, "none", ward.organization_id)
    await ward.wait(10)
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:
        await conn.execute("UPDATE staff SET deactivated_at = now() WHERE id = %s", (gone,))
        await ward.rows(POLICY, "round_robin", ward.organization_id)
        waiting = asyncio.create_task(ward.assign())
        await asyncio.sleep(0.3)
    await waiting

    async def none_left():
        return await ward.left() == 0

    await until(none_left)
    assert {assigned for assigned, *_ in await ward.given()} == {stays}


async def test_a_case_that_somebody_acts_on_is_left_alone_meanwhile(ward, owner_url):
    ((held,), (free,)) = [await ward.wait(1), await ward.wait(1)]
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:
        await conn.execute("SELECT FROM cases WHERE id = %s FOR UPDATE", (held,))
        await ward.hire()

        async def free_is_given():
            return await ward.rows("SELECT FROM cases WHERE id = %s AND status = 'ASSIGNED'", free)

        await until(free_is_given)
        assert await ward.left() == 1
        await conn.execute("UPDATE cases SET is_archived = true WHERE id = %s", (held,))
    assert await ward.assign() == 0
    assert len(await ward.given()) == 1


async def test_what_is_archived_or_abandoned_or_decided_is_not_assigned(ward):
    await ward.wait(1, is_archived=True)
    for status in ("ABANDONED", "APPROVED", "NO_DECISION"):
        await ward.wait(1, status=status)
    await ward.hire()
    assert await ward.assign() == 0
    assert await ward.given() == []


async def test_whoever_comes_back_into_the_rota_gets_cases_again(ward):
    staff_id = await ward.hire(takes_cases=False)
    await ward.wait(1)
    assert await ward.assign() == 0
    await update_row(ward.services, ward.organization_id, "staff", staff_id, takes_cases=True)

    async def none_left():
        return await ward.left() == 0

    await until(none_left)


async def test_assigning_needs_the_permission(ward):
    with pytest.raises(ScopeMissingError):
        await assign_waiting(ward.services, Actor(ward.organization_id, "key", uuid4()))


def test_turns_of_a_batch_go_on_where_the_rota_stands():
    ada, ben, cleo = members = [RotaMember(uuid4(), load) for load in (3, 0, 1)]
    assert next_turns(members, "round_robin", 4) == [ada.id, ben.id, cleo.id, ada.id]
    # Ben until he has as many as Cleo; then both in turn, Cleo first, because Ben had the last one; Ada when all have three.
    assert next_turns(members, "least_loaded", 6) == [ben.id, cleo.id, ben.id, cleo.id, ben.id, ada.id]
    assert next_turns([], "round_robin", 4) == []
    assert next_turns([], "least_loaded", 4) == []
