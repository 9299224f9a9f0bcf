"""The tables of states agree with each other, and with the lists that the database holds."""

import re
from itertools import product
from typing import get_args

import pytest

from carelane.cases.review.states import Act, possible_acts
from carelane.cases.states import (
    DECIDED,
    FOLLOWING,
    CaseStatus,
    RequestStatus,
    may_follow,
    status_after,
)

STATUSES = get_args(CaseStatus)
LISTS = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'"


async def listed(look, table):
    """The states that the table's constraint allows."""
    (text,) = [text for (text,) in await look(LISTS, table) if "status" in text]
    return set(re.findall(r"'(\w+)'", text))


async def test_the_database_holds_the_same_lists(look):
    assert await listed(look, "cases") == set(STATUSES) == set(FOLLOWING)
    assert await listed(look, "case_product_requests") == set(get_args(RequestStatus))


def test_what_follows_is_itself_a_state():
    assert set().union(*FOLLOWING.values()) <= set(STATUSES)


def acts_in(status, *, is_archived=False, is_escalated=False):
    return possible_acts(status, is_archived=is_archived, is_escalated=is_escalated)


@pytest.mark.parametrize("status", STATUSES)
def test_every_act_that_moves_a_case_is_a_move_the_states_allow(status):
    targets = {"assign": "ASSIGNED", "unassign": "OPEN", "start": "IN_PROGRESS"}
    for act in set(acts_in(status)) & set(targets):
        through = status == "OPEN" and act == "start"
        assert may_follow("ASSIGNED" if through else status, targets[act]), act
    if "decide" in acts_in(status):
        assert FOLLOWING[status] >= DECIDED


def test_nothing_leads_out_of_what_a_clinician_decided_for_good():
    for status in ("APPROVED", "REJECTED"):
        assert FOLLOWING[status] == frozenset()
        assert acts_in(status) == ["comment", "escalate", "archive"]


def test_every_act_is_possible_somewhere():
    flags = product(STATUSES, (True, False), (True, False))
    somewhere = [acts_in(status, is_archived=one, is_escalated=other) for status, one, other in flags]
    assert {act for acts in somewhere for act in acts} == set(get_args(Act))


@pytest.mark.parametrize(("requests", "after"), [
    ([("PENDING", False)], "IN_PROGRESS"),
    ([("PENDING", True)], "NO_DECISION"),
    ([("REJECTED", False)], "REJECTED"),
    ([("APPROVED", False), ("PENDING", False)], "IN_PROGRESS"),
    ([("APPROVED", False), ("PENDING", True)], "APPROVED"),
    ([("REJECTED", False), ("PENDING", True)], "NO_DECISION"),
    ([("REJECTED", False), ("ORDERED", False)], "APPROVED"),
])  # fmt: skip
def test_where_requests_take_their_case(requests, after):
    assert status_after(requests) == after
