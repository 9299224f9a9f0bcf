"""Assigning what waits, a batch at a time."""

import heapq
from itertools import cycle, islice
from uuid import UUID

from carelane import events
from carelane.cases.assignment import queries
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.permissions import CASES_WORK, requires
from carelane.services import Services
from carelane.staff.queries import AssignmentPolicy, RotaMember, list_rota, lock_rota, set_turns

# In one transaction: few enough that nobody who acts on one of the cases waits noticeably.
MAX_AT_ONCE = 200


@requires(CASES_WORK)
async def assign_waiting(services: Services, actor: Actor) -> int:
    """Gives the organization's oldest cases without anybody to those whose turn it is; how many.

    May be called at any time, by several workers at once.
    """
    async with services.db.transaction(actor) as conn:
        cases = await queries.lock_unassigned(conn, actor.organization_id, MAX_AT_ONCE)
        if not cases:
            return 0
        staff_ids = await lock_next_assignees(conn, actor.organization_id, cases[0].policy, len(cases))
        given = {case.id: staff_id for case, staff_id in zip(cases, staff_ids, strict=False)}
        acts = [_event(actor, case, given[case.id]) for case in cases if case.id in given]
        if acts:
            await queries.assign(conn, actor.organization_id, given, acts)
    return len(acts)


async def lock_next_assignees(
    conn: Connection, organization_id: UUID, policy: AssignmentPolicy, count: int
) -> list[UUID]:
    """The members whose turns the next `count` are, marked as assigned now; none if the policy is `none` or the rota empty.

    The rota stays locked until the transaction ends, so the cases must be given to the members in the same one.
    """
    if policy == "none":
        return []
    await lock_rota(conn, organization_id)
    rota = await list_rota(conn, organization_id, policy)
    turns = next_turns(rota, policy, count)
    if turns:
        await set_turns(conn, organization_id, turns)
    return turns


def next_turns(rota: list[RotaMember], policy: AssignmentPolicy, count: int) -> list[UUID]:
    """`rota` has whoever waits longest first."""
    if policy == "round_robin":
        return [member.id for member in islice(cycle(rota), count)]
    # Whoever has fewest cases, and of those, whose last turn is longest ago.
    waiting = sorted((member.load, place, member.id) for place, member in enumerate(rota))
    turns: list[UUID] = []
    while waiting and len(turns) < count:
        load, _, staff_id = waiting[0]
        turns.append(staff_id)
        heapq.heapreplace(waiting, (load + 1, len(rota) + len(turns), staff_id))
    return turns


def _event(actor: Actor, case: queries.UnassignedCase, staff_id: UUID) -> events.Event:
    return events.new_event(
        actor,
        "ADD_CASE_ASSIGNEE",
        case.id,
        target_id=staff_id,
        is_test=case.is_test,
        value_before="OPEN",
        value_after="ASSIGNED",
    )
