"""The whole documented shape of seed 002, from real rows."""

from typing import Any

import pytest

from carelane import events
from carelane.kit.auth import Actor, system_actor
from tests.detail import whole_case
from tests.detail.asking import read_case
from tests.detail.matching import A_MOMENT, AN_ID

EVERYTHING = dict.fromkeys(
    ("includeAttachments", "includeCalendarEvents", "includeOrders", "includeCaseProducts"), "true"
)


@pytest.fixture(scope="session")
async def whole(client, services, juniper):
    return await whole_case.build(client, services, juniper)


@pytest.fixture(scope="session")
async def detail(client, juniper, whole) -> dict[str, Any]:
    return await read_case(client, juniper, whole.id, **EVERYTHING)


async def test_the_detail_has_exactly_the_documented_members(detail, whole):
    assert set(detail) == set(whole.expected)


@pytest.mark.parametrize(
    "part",
    ["submitter", "assignees", "activity", "decisions", "caseProducts", "comments", "notes", "payments",
     "attachments", "calendarEvents", "orders", "responses"],
)  # fmt: skip
async def test_each_part_is_what_was_written(detail, whole, part):
    assert detail[part] == whole.expected[part]


async def test_the_whole_is_what_was_written(detail, whole):
    assert detail == whole.expected


async def test_links_take_the_place_of_content(client, juniper, whole):
    detail = await read_case(client, juniper, whole.id, **EVERYTHING, documentFormat="url")
    kept, deleted = detail["attachments"]
    (attached,) = detail["comments"][0]["attachments"]
    assert set(kept) == set(attached) == set(deleted) | {"url"}
    assert kept["url"] != attached["url"]


async def test_activity_stands_in_the_order_it_happened(client, services, juniper, organization_id, case_id):
    by = system_actor(organization_id)
    for before, after in (("OPEN", "ASSIGNED"), ("ASSIGNED", "IN_PROGRESS")):
        await change_status(services, by, case_id, before, after)
    activity = (await read_case(client, juniper, case_id))["activity"]
    assert [(entry["type"], entry["valueBefore"], entry["valueAfter"]) for entry in activity] == [
        ("CREATE_CASE", None, None),
        ("CHANGE_CASE_STATUS", "OPEN", "ASSIGNED"),
        ("CHANGE_CASE_STATUS", "ASSIGNED", "IN_PROGRESS"),
    ]


async def change_status(services, actor: Actor, case_id, before: str, after: str) -> None:
    async with services.db.transaction(actor) as conn:
        event = events.new_event(actor, "CHANGE_CASE_STATUS", case_id, value_before=before, value_after=after)
        await events.record(conn, event)


async def test_a_new_case_has_nobody_and_nothing_yet(client, juniper, case_id):
    detail = await read_case(client, juniper, case_id, **EVERYTHING)
    people = ("assignedTo", "assignedBy", "hrRep", "closedBy", "inProgressBy", "productBundle", "productBundleId")
    assert [detail[name] for name in people] == [None] * len(people)
    assert [detail[name] for name in ("assignees", "decisions", "comments", "notes", "orders")] == [[]] * 5
    assert (detail["status"], detail["createdAt"], detail["payments"][0]["id"]) == ("OPEN", A_MOMENT, AN_ID)
    assert (detail["payments"][0]["amount"], detail["payments"][0]["createdBy"]["email"]) == (
        "159.00",
        detail["submitter"]["email"],
    )
