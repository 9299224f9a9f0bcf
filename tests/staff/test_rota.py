"""Whose turn it is: fair, and the same fair when many workers ask at once."""

import asyncio
from collections import Counter
from uuid import uuid4

import pytest

from carelane.apply.actions import apply_file
from carelane.cases.assignment.actions import lock_next_assignees
from carelane.kit.auth import system_actor
from carelane.kit.ids import uuid7

_INSERT_STAFF = """
INSERT INTO staff (organization_id, id, email, first_name, last_name, role, takes_cases, deactivated_at)
VALUES (%s, %s, %s, 'Ada', 'Berg', %s, %s, %s)
"""
_INSERT_PATIENT = (
    "INSERT INTO patients (organization_id, id, email, first_name, last_name) VALUES (%s, %s, 'p@x.example', 'P', 'Q')"
)
_INSERT_CASE = """
INSERT INTO cases (organization_id, id, short_id, patient_id, type, title, status, is_archived, assigned_to_id)
VALUES (%s, %s, %s, %s, 'GLP', 'A case', 'ASSIGNED', %s, %s)
"""


class Clinic:
    """An organization of its own, with staff as the test wants them."""

    def __init__(self, services, organization_id, patient_id):
        self.services = services
        self.organization_id = organization_id
        self.patient_id = patient_id

    def transaction(self):
        return self.services.db.transaction(system_actor(self.organization_id))

    async def hire(self, role="CASEWORKER", takes_cases=True, deactivated_at=None):
        staff_id = uuid7()
        async with self.transaction() as conn:
            row = (self.organization_id, staff_id, f"{staff_id}@x.example", role, takes_cases, deactivated_at)
            await conn.execute(_INSERT_STAFF, row)
        return staff_id

    async def give_case(self, policy=None, staff_id=None, is_archived=False):
        async with self.transaction() as conn:
            if policy is not None:
                staff_id = next(iter(await lock_next_assignees(conn, self.organization_id, policy, 1)), None)
            row = (self.organization_id, uuid7(), f"X-{uuid4()}", self.patient_id, is_archived, staff_id)
            await conn.execute(_INSERT_CASE, row)
        return staff_id


@pytest.fixture
async def rota(services, tmp_path):
    tenant = f"rota-{uuid4().hex[:12]}"
    path = tmp_path / "rota.yaml"
    path.write_text(f"organization: {{tenant: {tenant}, name: Rota, casePrefix: ROT}}\n")
    await apply_file(services, path, False, {})
    async with services.db.across() as conn:
        cursor = await conn.execute("SELECT find_organization(%s)", (tenant,))
        (organization_id,) = await cursor.fetchone()
    clinic = Clinic(services, organization_id, uuid7())
    async with clinic.transaction() as conn:
        await conn.execute(_INSERT_PATIENT, (organization_id, clinic.patient_id))
    return clinic


async def test_nobody_when_the_rota_is_empty_or_the_policy_is_none(rota):
    await rota.hire(role="ADMIN")
    await rota.hire(takes_cases=False)
    await rota.hire(deactivated_at="2026-01-01T00:00:00Z")
    assert await rota.give_case("round_robin") is None
    assert await rota.give_case("least_loaded") is None

    await rota.hire()
    assert await rota.give_case("none") is None


async def test_round_robin_goes_round(rota):
    members = sorted([await rota.hire() for _ in range(3)])
    assert [await rota.give_case("round_robin") for _ in range(7)] == [*members, *members, members[0]]


async def test_least_loaded_looks_at_cases_in_hand(rota):
    busy, free = await rota.hire(), await rota.hire()
    await rota.give_case(staff_id=busy)
    await rota.give_case(staff_id=busy)
    await rota.give_case(staff_id=free, is_archived=True)

    given = [await rota.give_case("least_loaded") for _ in range(3)]

    assert given[:2] == [free, free]
    # Now both have two; the one who was never assigned by turn has waited longest.
    assert given[2] == busy


@pytest.mark.parametrize("policy", ["round_robin", "least_loaded"])
async def test_many_workers_at_once_share_evenly(rota, policy):
    for _ in range(4):
        await rota.hire()
    given = Counter(await asyncio.gather(*(rota.give_case(policy) for _ in range(32))))
    assert sorted(given.values()) == [8, 8, 8, 8]
