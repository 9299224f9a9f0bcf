"""Why a case stands still: there is an explanation for every state, and it is the true one."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID, uuid4

import psycopg
import pytest

from carelane.cases.review.queries import CaseSummary, Holder, RequestSummary
from carelane.cases.review.why import explain
from carelane.cases.states import CaseStatus, RequestStatus
from carelane.payments.gate.queries import PaymentWait
from tests.detail.asking import create_case
from tests.factories.rows import update_row
from tests.own_clinic import make_clinic
from tests.review.people import Desk, decision, employ

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=3)
ADA = Holder(uuid4(), "Ada", "Berg")
GONE = Holder(uuid4(), "Gus", "Gone", False)
UNPAID = PaymentWait(id=uuid4(), status="UNPAID", stage="NEEDS_CARD", failure=None, since=EARLIER)
HELD = {"ASSIGNED", "IN_PROGRESS", "NO_DECISION"}


def standing(status="OPEN", requests=("PENDING",), **values):
    usual = {
        "id": uuid4(), "short_id": "OWN-ABCDEF", "status": status, "is_archived": False, "is_escalated": False,
        "is_test": False, "waits_since": EARLIER, "asked_patient_at": None, "archive_reason": None, "archived_at": None,
        "dispatched_at": EARLIER, "assigned_to": ADA if status in HELD else None,
        "in_progress_by": ADA if status == "IN_PROGRESS" else None, "closed_by": None, "patient_state": "NY",
        "policy": "none", "rota_size": 2, "requests": [asked(one) for one in requests],
    }  # fmt: skip
    return CaseSummary(**(usual | values))


def asked(status, **values):
    usual = {"id": uuid4(), "product_id": uuid4(), "name": "Tablets", "status": status}
    return RequestSummary(**(usual | values))


def here(**values):
    """A case whose order has not left."""
    case = standing("APPROVED", [], **values)
    case.requests.append(asked("ORDERED", order_id=uuid4(), is_here=True))
    return case


@pytest.mark.parametrize("asked_patient_at", [None, EARLIER])
@pytest.mark.parametrize("is_archived", [False, True])
@pytest.mark.parametrize("request_status", get_args(RequestStatus))
@pytest.mark.parametrize("status", get_args(CaseStatus))
def test_every_case_that_is_not_done_has_an_explanation(status, request_status, is_archived, asked_patient_at):
    case = standing(status, [request_status], is_archived=is_archived, asked_patient_at=asked_patient_at)
    why = explain(case, NOW)
    assert why.status == status
    assert why.waits_for
    assert why.since == EARLIER
    assert why.next
    if why.is_final:
        assert (status in {"REJECTED", "APPROVED"}, why.who_can_move_it) == (True, [])
    else:
        assert why.who_can_move_it


@pytest.mark.parametrize(("case", "code", "words"), [
    (standing(), "ASSIGNMENT_OFF", "assigns no case by itself"),
    (standing(policy="round_robin", dispatched_at=None), "WORKER_ASSIGNS", "the worker"),
    (standing(policy="round_robin", dispatched_at=NOW - timedelta(seconds=5)), "WORKER_ASSIGNS", "the worker"),
    (standing(policy="least_loaded", rota_size=0), "ROTA_EMPTY", "the rota is empty"),
    (standing(policy="least_loaded"), "NOBODY_HAS_IT", "the worker assigns it within seconds"),
    (standing("ASSIGNED"), "NOT_STARTED", "Ada Berg to start"),
    (standing("IN_PROGRESS"), "NOT_DECIDED", "Ada Berg to decide on Tablets"),
    (standing("IN_PROGRESS", asked_patient_at=EARLIER), "PATIENT_ASKED", "the patient's answer"),
    (standing("IN_PROGRESS", in_progress_by=GONE), "HOLDER_GONE", "Gus Gone, whose account was closed"),
    (standing("ASSIGNED", assigned_to=GONE), "HOLDER_GONE", "Gus Gone, whose account was closed"),
    (standing("NO_DECISION"), "LEFT_UNDECIDED", "another look"),
    (standing("APPROVED", ["APPROVED"]), "NOT_ORDERED", "an order for what was approved: Tablets"),
    (standing("APPROVED", ["REJECTED", "ORDERED"]), "AT_THE_PHARMACY", "the pharmacy"),
    (standing("APPROVED", ["ORDERED"], payment_wait=UNPAID), "AT_THE_PHARMACY", "the pharmacy"),
    (here(payment_wait=UNPAID), "NOT_PAID", "the payment of the case, which is UNPAID: the patient must give another card"),
    (here(), "AT_THE_PHARMACY", "the pharmacy"),
    (standing("APPROVED", ["SHIPPED"]), "AT_THE_PHARMACY", "the pharmacy"),
    (standing("APPROVED", ["DELIVERED", "REJECTED"]), "DONE", "nothing"),
    (standing("REJECTED", ["REJECTED"]), "DONE", "nothing"),
    (standing("ABANDONED"), "CART_LEFT", "left the cart"),
    (standing(is_archived=True, archive_reason="RESOLVED"), "ARCHIVED", "archived (RESOLVED)"),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_the_explanation_fits_the_case(case, code, words):
    why = explain(case, NOW)
    assert (why.code, words in why.waits_for) == (code, True)


def test_an_order_that_will_wait_is_told_of_before_it_is_placed():
    assert explain(standing("APPROVED", ["APPROVED"], payment_wait=UNPAID), NOW).next == (
        "the order waits for the payment of the case, which is UNPAID: the patient must give another card"
    )


@pytest.mark.parametrize(("status", "is_archived", "hours", "is_urgent"), [
    ("OPEN", False, 23, True), ("IN_PROGRESS", False, 24, True), ("ASSIGNED", False, -1, True), ("OPEN", False, 25, False),
    ("OPEN", True, 1, False), ("APPROVED", False, 1, False),
])  # fmt: skip
def test_a_hold_that_ends_within_a_day_is_urgent(status, is_archived, hours, is_urgent):
    ends_at = NOW + timedelta(hours=hours)
    why = explain(standing(status, is_archived=is_archived, hold_ends_at=ends_at), NOW)
    assert why.hold_ends_at == ends_at
    assert (
        why.waits_for.endswith(f"; urgent: the money held for it can be taken until {ends_at:%Y-%m-%d %H:%M} UTC only")
        is is_urgent
    )


def test_an_order_is_named():
    order_id = uuid4()
    case = standing("APPROVED", [])
    case.requests.append(asked("ORDERED", order_id=order_id))
    assert f"/api/staff/orders/{order_id}/why" in explain(case, NOW).waits_for


def test_what_has_been_decided_already_is_not_waited_for():
    case = standing("IN_PROGRESS", [])
    case.requests.extend(
        [asked("APPROVED", name="Drops"), asked("PENDING", name="Salve", is_left=True), asked("PENDING")]
    )
    assert explain(case, NOW).waits_for == "Ada Berg to decide on Tablets"


async def test_the_explanation_follows_a_case_through_its_life(pier, desk, ada, cleo):
    async def told(person=ada):
        why = await desk.why(person)
        return why["code"], why["since"]

    whole = await desk.read(ada)
    assert await told() == ("ASSIGNMENT_OFF", whole["createdAt"])
    await desk.done(cleo, "assign", {"staffId": str(ada.id)})
    assert await told() == ("NOT_STARTED", (await desk.read(ada))["assignedAt"])
    await desk.done(ada, "start")
    assert await told() == ("NOT_DECIDED", (await desk.read(ada))["inProgressAt"])
    asked_at = (await desk.done(ada, "ask", {"text": "How tall are you?"}))["askedPatientAt"]
    assert await told() == ("PATIENT_ASKED", asked_at)
    await desk.done(ada, "decide", {"decisions": [decision(pier.product_id)]})
    assert await told() == ("NOT_ORDERED", (await desk.read(ada))["closedAt"])
    await desk.done(cleo, "archive", {"reason": "COMPLETE"})
    code, since = await told(cleo)
    archived_at = (await desk.read(ada))["activity"][-1]["timestamp"]
    assert (code, since) == ("ARCHIVED", archived_at)


async def test_a_case_whose_clinician_was_let_go_waits_for_another(services, pier, desk, cleo):
    person = await employ(services, pier, "Gone")
    await desk.done(person, "start")
    await update_row(services, UUID(pier.organization_id), "staff", person.id, deactivated_at=datetime.now(UTC))
    assert (await desk.why(cleo))["code"] == "HOLDER_GONE"


async def test_a_clinic_without_a_rota_is_told_so(client, services, tmp_path, owner_url):
    clinic = await make_clinic(services, tmp_path, assignmentPolicy="round_robin")
    eve = await employ(services, clinic, "Eve")
    desk = Desk(client, await create_case(client, clinic))
    why = await desk.why(eve)
    assert (why["code"], why["nextAt"] is None) == ("WORKER_ASSIGNS", False)
    # So long ago that the worker is no longer expected.
    taken_up = "UPDATE events SET dispatched_at = now() - interval '2 minutes' WHERE case_id = %s"
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:
        await conn.execute(taken_up, (desk.case_id,))
    why = await desk.why(eve)
    assert (why["code"], why["lastFailure"]) == ("ROTA_EMPTY", "nobody was in the rota")
    assert why["possibleActs"][:2] == ["assign", "start"]
