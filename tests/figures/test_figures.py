"""Figures, counted by hand: what came, how long decisions took, who decided, money; and who may see which."""

from datetime import timedelta
from uuid import UUID

import pytest

from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.ledger.reads import trial_balance
from tests.factories.charges import line, make_charge
from tests.factories.decisions import decide
from tests.factories.orders import place_order
from tests.figures.conftest import URL, at
from tests.review.people import Desk, employ

TWO_DAYS = ("2026-11-02", "2026-11-03")


async def test_cases_of_a_day_by_where_they_stand_now(came, count, figures):
    await came("11-02 00:00")
    await came("11-02 23:59", status="APPROVED")
    await came("11-03 00:00", status="REJECTED", is_archived=True)
    await came("11-03 12:00", is_archived=True)
    await came("11-03 12:00", body={"isTest": True})
    await count()
    answer = await figures(*TWO_DAYS)
    assert [(day["day"], day["cases"]) for day in answer["days"]] == [
        ("2026-11-02", {"OPEN": 1, "APPROVED": 1}),
        ("2026-11-03", {"REJECTED": 1, "ARCHIVED": 1}),
    ]


async def test_a_day_of_long_ago_is_counted_again_when_its_case_moves(client, came, count, figures, clinician):
    case = Desk(client, await came("03-02 10:00"))
    await count()
    assert (await figures("2026-03-02", "2026-03-02"))["days"][0]["cases"] == {"OPEN": 1}
    await case.done(clinician, "start")
    await count()
    assert (await figures("2026-03-02", "2026-03-02"))["days"][0]["cases"] == {"IN_PROGRESS": 1}


async def test_waits_are_those_of_the_days_decisions(services, here, came, waited, count, figures, clinician):
    """Of 10, 20, 30, 40 and 100 minutes: half within 30, nine of ten within 76; the patient's 25 minutes stand apart."""
    for minutes in (10, 20, 30, 40):
        case_id = await came("11-02 08:00")
        await _decide(services, here, case_id, clinician, at("11-03 09:00"), since=minutes)
    asked = await came("11-02 08:00")
    # Of an hour of waiting, 25 minutes lie between the request and the decision.
    await waited(asked, "11-03 06:00", "11-03 07:20")
    await _decide(services, here, asked, clinician, at("11-03 09:00"), since=125)
    await _decide(services, here, asked, clinician, at("11-03 09:30"), since=155, is_no_decision=True)
    await count()
    days = (await figures(*TWO_DAYS))["days"]
    assert [day["waits"] for day in days] == [
        None,
        {
            "decisions": 5,
            "medianSeconds": 30 * 60,
            "p90Seconds": 76 * 60,
            "asked": 1,
            "patientMedianSeconds": 25 * 60,
            "patientP90Seconds": 25 * 60,
        },
    ]


async def test_who_decided_what(services, here, came, count, figures, clinician):
    other = await employ(services, here, "Dana")
    for who, is_approved in ((clinician, True), (clinician, False), (other, True)):
        case_id = await came("11-02 08:00")
        await _decide(services, here, case_id, who, at("11-02 09:00"), since=60, is_approved=is_approved)
    again = await came("11-03 08:00")
    await _decide(services, here, again, clinician, at("11-03 09:00"), since=30)
    await count()
    lines = (await figures(*TWO_DAYS))["work"]
    seconds = ("meanSeconds", "medianSeconds", "p90Seconds")
    assert [
        (one["staffName"], one["decisions"], one["approved"], *(one[name] for name in seconds)) for one in lines
    ] == [
        ("Cora Berg", 3, 1, 50 * 60, 60 * 60, 60 * 60),
        ("Dana Berg", 1, 1, 60 * 60, 60 * 60, 60 * 60),
    ]
    assert {one["productId"] for one in lines} == {here.product_id}
    assert all(one["productName"] for one in lines)


async def test_half_and_nine_of_ten_of_somebodys_waits(services, here, came, count, figures, clinician):
    """Over two days; 101 minutes and 102 are nearly the same, and are told as one."""
    for day, waits in (("11-02", (10, 20, 30, 40, 50)), ("11-03", (60, 70, 80, 101, 102))):
        for minutes in waits:
            case_id = await came(f"{day} 08:00")
            await _decide(services, here, case_id, clinician, at(f"{day} 12:00"), since=minutes)
    await count()
    (line_,) = (await figures(*TWO_DAYS))["work"]
    assert (line_["decisions"], line_["meanSeconds"]) == (10, 3378)
    assert (line_["medianSeconds"], line_["p90Seconds"]) == (50 * 60, 6090)


async def test_how_long_a_patient_is_waited_for_is_kept(client, services, here, came, clinician):
    case = Desk(client, await came("11-02 08:00"))
    await case.done(clinician, "start")
    await case.done(clinician, "ask", {"text": "How much do you weigh?"})
    await case.done(clinician, "ask", {"text": "And how tall are you?"})
    assert len(await _pauses(services, here, case.case_id)) == 1
    await case.done(clinician, "decide", {"decisions": [{"productId": here.product_id, "outcome": "REJECTED"}]})
    first, second = await _pauses(services, here, case.case_id)
    assert first[0] < first[1] == second[0] < second[1]


async def test_money_is_that_of_the_ledger(client, services, here, admin, figures, count, elsewhere):
    whole = await make_charge(services, here, line(price=15900, product_id=UUID(here.item_id)))
    await make_charge(services, here, line(price=4001, product_id=UUID(here.item_id)))
    await make_charge(services, elsewhere, line(price=700, product_id=UUID(elsewhere.item_id)))
    await count()
    today = (await figures())["days"][-1]
    billed = {"chargedCents": 19901, "voidedCents": 0, "paidCents": 0, "refundedCents": 0, "outstandingCents": 19901}
    assert today["money"] == [{"currency": "USD", "amounts": billed}]
    url = f"/api/staff/charges/{whole}/write-off"
    assert (await client.post(url, json={"reason": "Gone"}, headers=admin.headers)).status_code == 200
    await count()
    answer = await figures()
    amounts = answer["money"][0]["amounts"]
    assert amounts == billed | {"voidedCents": 15900, "outstandingCents": 4001}
    assert amounts["outstandingCents"] == await _owed(services, here)
    # What was owed before is still owed on days without any posting.
    tomorrow = (clock.now().date() + timedelta(days=1)).isoformat()
    assert (await figures(tomorrow, tomorrow))["days"][0]["money"][0]["amounts"]["outstandingCents"] == 4001


async def test_orders_as_they_stand_now(services, here, came, figures):
    case_id = await came("11-02 08:00")
    for status in ("SHIPPED", "SHIPPED", "NEEDS_ATTENTION"):
        await place_order(services, UUID(here.organization_id), case_id, status=status)
    orders = (await figures())["orders"]
    assert {status: number for status, number in orders.items() if number} == {"SHIPPED": 2, "NEEDS_ATTENTION": 1}
    assert len(orders) == 9


async def test_a_fortnight_unless_asked_otherwise(figures):
    answer = await figures()
    today = clock.now().date()
    assert (answer["from"], answer["to"]) == ((today - timedelta(days=13)).isoformat(), today.isoformat())
    assert len(answer["days"]) == 14
    assert len((await figures(last="2026-02-28"))["days"]) == 14
    assert len((await figures("2024-01-01", "2024-12-31"))["days"]) == 366


async def test_without_a_credential(client):
    assert (await client.get(URL)).status_code == 401
    assert (await client.get(URL, headers={"Authorization": "Bearer cvt_wrong"})).status_code == 401


async def test_a_key_opens_nothing(client, here):
    assert (await client.get(URL, headers=here.key)).status_code == 401


async def test_support_sees_money_and_orders_only(services, here, came, count, figures):
    await came("11-02 08:00")
    await count()
    sam = await employ(services, here, "Sam", role="SUPPORT")
    answer = await figures(*TWO_DAYS, person=sam)
    assert answer["work"] is None
    assert answer["money"] == []
    assert [(day["cases"], day["waits"], day["money"]) for day in answer["days"]] == [(None, None, [])] * 2


async def test_the_other_clinic_sees_its_own(services, here, elsewhere, came, count, figures):
    await came("11-02 08:00")
    await count()
    stranger = await employ(services, elsewhere, "Eve", role="ADMIN")
    assert (await figures(*TWO_DAYS, person=stranger))["days"][0]["cases"] == {}


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"from": "yesterday"}, "from"),
        ({"from": "20261102"}, "from"),
        ({"from": "2026-02-30"}, "from"),
        ({"to": "2026-11-02T00:00:00Z"}, "to"),
        ({"to": "2026-W44-1"}, "to"),
        ({"from": "2026-11-03", "to": "2026-11-02"}, "from"),
        ({"from": "2025-01-01", "to": "2026-11-02"}, "from"),
        ({"since": "2026-11-02"}, "since"),
    ],
)
async def test_what_is_no_span_of_days_is_refused(client, admin, query, place):
    answer = await client.get(URL, params=query, headers=admin.headers)
    assert answer.status_code == 400, answer.text
    assert place in answer.text


async def test_days_at_the_ends_of_the_calendar(figures):
    assert len((await figures(last="0001-01-02"))["days"]) == 2
    assert len((await figures("9999-12-31", "9999-12-31"))["days"]) == 1


async def _decide(services, clinic, case_id, who, when, *, since, **values):
    """`since`: so many minutes before it the product was asked for."""
    organization_id = UUID(clinic.organization_id)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        await conn.execute(
            "UPDATE case_product_requests r SET created_at = %s FROM case_products k WHERE r.organization_id = %s"
            " AND k.organization_id = r.organization_id AND k.id = r.case_product_id AND k.case_id = %s",
            (when - timedelta(minutes=since), organization_id, case_id),
        )
    product = {"product_id": UUID(clinic.product_id), "created_at": when}
    await decide(services, organization_id, case_id, who.id, **product, **values)


async def _pauses(services, clinic, case_id):
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        cursor = await conn.execute(
            "SELECT asked_at, ended_at FROM case_pauses WHERE case_id = %s ORDER BY asked_at", (case_id,)
        )
        return await cursor.fetchall()


async def _owed(services, clinic):
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        balances = await trial_balance(conn, UUID(clinic.organization_id))
    return sum(one.cents for one in balances if one.account.code == "receivable")
