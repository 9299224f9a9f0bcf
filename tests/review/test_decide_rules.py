"""Deciding: everything that is refused, and that nothing is left of it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from carelane.kit import clock
from carelane.kit.us_zones import earliest_day_in
from tests.detail.asking import create_case
from tests.factories.cases import case_body
from tests.factories.rows import update_row
from tests.factories.staff import add_license
from tests.review.people import LONG, Desk, decision, employ

TODAY = datetime.now(UTC).date()


async def refused(desk, person, *decisions, status=422):
    """The problem; and that no decision was written."""
    answer = await desk.act(person, "decide", {"decisions": list(decisions)})
    assert answer.status_code == status, answer.text
    return answer.json()


def fields(problem):
    return sorted(one["field"] for one in problem["errors"])


async def test_all_broken_rules_are_listed(pier, drops, both, ada):
    problem = await refused(
        both,
        ada,
        decision(pier.product_id, startDate=None, endDate=None, medInfo=[]),
        decision(drops, startDate="2199-11-01", endDate="2199-11-01", medInfo=[{"medicine": " ", "refillCount": 100}]),
        decision(pier.product_id, "REJECTED", medInfo=[{"medicine": "Zephyrol"}]),
        decision(str(uuid4()), "NO_DECISION"),
    )
    assert fields(problem) == [
        "decisions[0].endDate",
        "decisions[0].medInfo",
        "decisions[0].startDate",
        "decisions[1].endDate",
        "decisions[1].medInfo[0].medicine",
        "decisions[1].medInfo[0].refillCount",
        "decisions[2].medInfo",
        "decisions[2].productId",
        "decisions[3].productId",
    ]
    whole = await both.read(ada)
    assert (whole["decisions"], whole["status"]) == ([], "IN_PROGRESS")


async def test_an_approval_that_has_ended_already_is_refused(pier, started, ada):
    ended = decision(pier.product_id, startDate="2020-01-01", endDate=str(TODAY - timedelta(days=2)))
    problem = await refused(started, ada, ended)
    assert (fields(problem), "in the past" in problem["detail"]) == (["decisions[0].endDate"], True)


@pytest.mark.parametrize(("licenses", "told"), [
    ({}, "on record: none"),
    ({"CA": LONG}, f"CA until {LONG}"),
    ({"NY": TODAY - timedelta(days=2)}, f"NY until {TODAY - timedelta(days=2)}"),
], ids=["none", "another state", "expired"])  # fmt: skip
async def test_without_a_good_licence_in_the_patients_state_nobody_approves(services, pier, desk, licenses, told):
    person = await employ(services, pier, "Lou", licenses=licenses)
    await desk.done(person, "start")
    problem = await refused(desk, person, decision(pier.product_id))
    assert fields(problem) == ["decisions[0].outcome"]
    assert "your licence in NY" in problem["detail"]
    assert told in problem["detail"]


async def test_an_approval_may_end_with_the_day_that_it_still_is_somewhere(pier, started, ada):
    """In the evening of California it is tomorrow in Greenwich already."""
    somewhere = earliest_day_in("AS", clock.now())
    answer = await started.act(
        ada, "decide", {"decisions": [decision(pier.product_id, startDate="2020-01-01", endDate=str(somewhere))]}
    )
    assert answer.status_code == 200 or earliest_day_in("AS", clock.now()) != somewhere, answer.text


async def test_a_licence_that_ended_yesterday_where_it_was_given_is_none(services, pier, desk):
    yesterday = earliest_day_in("NY", clock.now()) - timedelta(days=1)
    person = await employ(services, pier, "Lou", licenses={"NY": yesterday})
    await desk.done(person, "start")
    assert f"NY until {yesterday}" in (await refused(desk, person, decision(pier.product_id)))["detail"]


async def test_on_its_last_day_it_is_good(services, pier, desk):
    today = earliest_day_in("NY", clock.now())
    person = await employ(services, pier, "Lou", licenses={"NY": today})
    await desk.done(person, "start")
    answer = await desk.act(person, "decide", {"decisions": [decision(pier.product_id)]})
    # Unless the day has ended meanwhile.
    assert answer.status_code == 200 or earliest_day_in("NY", clock.now()) != today


async def test_a_licence_that_ends_tomorrow_is_good(services, pier, desk):
    person = await employ(services, pier, "Lou", licenses={"NY": TODAY + timedelta(days=1)})
    await desk.done(person, "start")
    assert (await desk.done(person, "decide", {"decisions": [decision(pier.product_id)]}))["case"][
        "status"
    ] == "APPROVED"


async def test_a_licence_is_needed_to_approve_only(services, pier, desk):
    person = await employ(services, pier, "Lou", licenses={})
    await desk.done(person, "start")
    after = await desk.done(person, "decide", {"decisions": [decision(pier.product_id, "REJECTED")]})
    assert after["case"]["status"] == "REJECTED"


async def test_without_an_npi_nobody_approves(services, pier, desk):
    person = await employ(services, pier, "Nell", npi=None)
    await desk.done(person, "start")
    problem = await refused(desk, person, decision(pier.product_id))
    assert (fields(problem), "NPI" in problem["detail"]) == (["decisions[0].outcome"], True)


async def test_a_patient_without_a_state_is_prescribed_nothing(client, pier, ada):
    body = case_body(pier.product_id)
    del body["user"]["shippingAddress"]
    desk = Desk(client, await create_case(client, pier, body))
    await desk.done(ada, "start")
    problem = await refused(desk, ada, decision(pier.product_id))
    assert (fields(problem), "US state" in problem["detail"]) == (["decisions[0].outcome"], True)


async def test_the_patients_state_may_be_written_in_any_case(client, services, pier):
    body = case_body(pier.product_id)
    body["user"]["shippingAddress"]["state"] = "ca"
    desk = Desk(client, await create_case(client, pier, body))
    person = await employ(services, pier, "Lou", licenses={})
    await desk.done(person, "start")
    assert "your licence in CA" in (await refused(desk, person, decision(pier.product_id)))["detail"]
    await add_license(services, UUID(pier.organization_id), person.id, "CA")
    assert (await desk.act(person, "decide", {"decisions": [decision(pier.product_id)]})).status_code == 200


async def test_a_case_in_nobodys_hands_is_not_decided(pier, desk, ada):
    problem = await refused(desk, ada, decision(pier.product_id), status=409)
    assert problem["detail"].startswith("the case is OPEN; possible now: assign, start")


async def test_a_case_in_anothers_hands_names_who_has_it(pier, started, ben):
    problem = await refused(started, ben, decision(pier.product_id), status=409)
    assert problem["type"] == "urn:carelane:case-held"
    assert "in the hands of Ada Berg" in problem["detail"]


async def test_a_decided_case_is_not_decided_again(pier, started, ada, ben):
    await started.done(ada, "decide", {"decisions": [decision(pier.product_id)]})
    problem = await refused(started, ben, decision(pier.product_id, "REJECTED"), status=409)
    assert problem["detail"].startswith("the case is APPROVED, closed by Ada Berg")


async def test_a_decided_product_is_not_decided_again_and_nothing_of_the_call_stays(pier, drops, both, ada):
    await both.done(ada, "decide", {"decisions": [decision(pier.product_id)]})
    problem = await refused(both, ada, decision(drops), decision(pier.product_id, "REJECTED"), status=409)
    assert (problem["type"], problem["detail"].startswith("decisions[1].productId")) == (
        "urn:carelane:already-decided",
        True,
    )
    assert len((await both.read(ada))["decisions"]) == 1


async def test_a_clinician_who_was_let_go_decides_nothing(services, pier, desk):
    person = await employ(services, pier, "Gone")
    await desk.done(person, "start")
    await update_row(services, UUID(pier.organization_id), "staff", person.id, deactivated_at=datetime.now(UTC))
    assert (await desk.act(person, "decide", {"decisions": [decision(pier.product_id)]})).status_code == 401
