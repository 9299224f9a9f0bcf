"""Deciding: what is written, sealed, told, and where the case goes."""

import pytest

from tests.detail.asking import create_case, read_case
from tests.review.people import Desk, acts, decision


def requests(standing):
    return {request["name"]: request["status"] for request in standing["requests"]}


async def test_an_approval_is_seen_in_the_case_detail(client, pier, started, ada):
    answer = await started.done(ada, "decide", {"decisions": [decision(pier.product_id, category="WEIGHT")]})
    assert (answer["case"]["status"], requests(answer["case"])) == ("APPROVED", {"Tablets": "APPROVED"})
    whole = await read_case(client, pier, started.case_id, includeCaseProducts="true")
    assert (whole["status"], whole["closedBy"], whole["closedAt"] is None) == ("APPROVED", str(ada.id), False)
    (made,) = whole["decisions"]
    assert [made["id"]] == answer["decisionIds"]
    assert (made["isApproved"], made["isNoDecision"], made["productId"]) == (True, False, pier.product_id)
    assert (made["startDate"], made["endDate"], made["category"]) == ("2026-11-01", "2199-11-01", "WEIGHT")
    assert (made["decisionText"], made["addedBy"]["npi"]) == ("Reviewed with care", "1234567893")
    (medicine,) = made["medInfo"]
    assert (medicine["medicine"], medicine["dosage"], medicine["refillCount"]) == ("Zephyrol", "5 mg", 2)
    assert (medicine["dosingFrequency"], medicine["isRefill"]) == ("daily", False)
    assert whole["caseProducts"][0]["caseProductRequests"][0]["status"] == "APPROVED"
    assert acts(whole)[2:] == [
        ("ADD_CASE_DECISION", None, None),
        ("CHANGE_CASE_STATUS", "IN_PROGRESS", "APPROVED"),
    ]


async def test_what_is_written_and_prescribed_is_sealed(pier, started, ada, look):
    body = decision(pier.product_id, decisionText="Zephyr reasons")
    (decision_id,) = (await started.done(ada, "decide", {"decisions": [body]}))["decisionIds"]
    ((row,),) = await look("SELECT d::text FROM decisions d WHERE id = %s", decision_id)
    ((medicine, sealed),) = await look(
        "SELECT m::text, sealed FROM decision_medications m WHERE decision_id = %s", decision_id
    )
    assert "Zephyr" not in row + medicine
    assert b"Zephyr" not in sealed
    ((text,),) = await look("SELECT decision_text_sealed FROM decisions WHERE id = %s", decision_id)
    assert b"Zephyr" not in text
    targets = await look("SELECT target_id::text, actor_id FROM events WHERE type = 'ADD_CASE_DECISION' AND case_id = %s",
                         started.case_id)  # fmt: skip
    assert targets == [(decision_id, ada.id)]


async def test_the_visit_type_of_the_request_is_kept_unless_another_is_told(client, pier, drops, ada):
    products = [{"id": pier.product_id, "visitType": "SYNC_VIDEO"}, {"id": drops, "visitType": "SYNC_PHONE"}]
    desk = Desk(client, await create_case(client, pier, products=products))
    await desk.done(ada, "start")
    body = [decision(pier.product_id), decision(drops, "REJECTED", visitType="NO_SHOW")]
    await desk.done(ada, "decide", {"decisions": body})
    made = {one["productId"]: one["visitType"] for one in (await desk.read(ada))["decisions"]}
    assert made == {pier.product_id: "SYNC_VIDEO", drops: "NO_SHOW"}


@pytest.mark.parametrize(("outcomes", "status", "left"), [
    (["REJECTED", "REJECTED"], "REJECTED", ["REJECTED", "REJECTED"]),
    (["REJECTED", "APPROVED"], "APPROVED", ["REJECTED", "APPROVED"]),
    (["NO_DECISION", "APPROVED"], "APPROVED", ["PENDING", "APPROVED"]),
    (["NO_DECISION", "REJECTED"], "NO_DECISION", ["PENDING", "REJECTED"]),
    (["NO_DECISION", "NO_DECISION"], "NO_DECISION", ["PENDING", "PENDING"]),
])  # fmt: skip
@pytest.mark.parametrize("calls", ["one call", "two calls"])
async def test_where_the_case_goes_when_every_product_was_spoken_of(
    pier, drops, both, ada, outcomes, status, left, calls
):
    first, second = (
        decision(product, outcome) for product, outcome in zip((pier.product_id, drops), outcomes, strict=True)
    )
    if calls == "two calls":
        between = await both.done(ada, "decide", {"decisions": [first]})
        assert between["case"]["status"] == "IN_PROGRESS"
        after = await both.done(ada, "decide", {"decisions": [second]})
    else:
        after = await both.done(ada, "decide", {"decisions": [first, second]})
    assert (after["case"]["status"], list(requests(after["case"]).values())) == (status, left)
    told = [act for act in acts(await both.read(ada)) if act[0] == "CHANGE_CASE_STATUS"][1:]
    assert told == [("CHANGE_CASE_STATUS", "IN_PROGRESS", status)]


async def test_what_was_left_without_a_decision_can_be_taken_up_again(pier, started, ada, ben, cleo):
    none = {"decisions": [decision(pier.product_id, "NO_DECISION")]}
    standing = (await started.done(ada, "decide", none))["case"]
    assert (standing["status"], standing["possibleActs"][:2]) == ("NO_DECISION", ["assign", "start"])
    await started.done(cleo, "assign", {"staffId": str(ben.id), "insteadOf": str(ada.id)})
    await started.done(ben, "start")
    whole = await started.read(ben)
    assert (whole["closedAt"], whole["closedBy"]) == (None, None)
    after = await started.done(ben, "decide", {"decisions": [decision(pier.product_id)]})
    assert after["case"]["status"] == "APPROVED"
    assert [one["isNoDecision"] for one in (await started.read(ben))["decisions"]] == [True, False]


async def test_looking_again_every_product_is_spoken_of_again(pier, drops, both, ada):
    none = [decision(product, "NO_DECISION") for product in (pier.product_id, drops)]
    await both.done(ada, "decide", {"decisions": none})
    await both.done(ada, "start")
    after = await both.done(ada, "decide", {"decisions": [decision(drops)]})
    assert after["case"]["status"] == "IN_PROGRESS"


async def test_a_decision_ends_the_wait_for_the_patient(pier, started, ada):
    await started.done(ada, "ask", {"text": "How tall are you?"})
    after = await started.done(ada, "decide", {"decisions": [decision(pier.product_id, "REJECTED")]})
    assert after["case"]["askedPatientAt"] is None


async def test_archiving_and_reopening_keeps_who_decided_and_when(pier, started, ada, cleo):
    await started.done(ada, "decide", {"decisions": [decision(pier.product_id)]})
    before = await started.read(ada)
    await started.done(cleo, "archive", {"reason": "COMPLETE"})
    await started.done(cleo, "reopen")
    after = await started.read(ada)
    assert [after[name] for name in ("status", "closedBy", "closedAt")] == [
        before[name] for name in ("status", "closedBy", "closedAt")
    ]
