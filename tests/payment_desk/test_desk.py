"""What staff see of payments, why one stands still, and what they say about it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from carelane.kit import clock
from tests.factories.payments import add_intent
from tests.factories.rows import insert_row, update_row
from tests.payment_desk.conftest import URL, Till

COMMENT = {"comment": "I called the bank"}


async def test_doors(till: Till, nowhere: UUID):
    payment_id = await till.payment(stage="NEEDS_STAFF", failure="REFUSED", wanted="TAKE")
    reads = [URL, f"{URL}/{payment_id}", f"{URL}/{payment_id}/why"]
    writes = [f"{URL}/{payment_id}/retry", f"{URL}/{payment_id}/resolve"]
    for headers in ({}, {"Authorization": "Bearer no"}, till.clinic.key):
        for url in reads:
            assert (await till.client.get(url, headers=headers)).status_code == 401
        for url in writes:
            assert (await till.client.post(url, json={}, headers=headers)).status_code == 401
    for url in reads:
        assert (await till.get(url, till.sue)).status_code == 200
    for url in writes:
        assert (await till.post(url, {"outcome": "GIVE_UP"} | COMMENT, till.sue)).status_code == 403
    for ref in (nowhere, "none", "0" * 36):
        assert (await till.get(f"{URL}/{ref}")).status_code == 404
        assert (await till.get(f"{URL}/{ref}/why")).status_code == 404
        assert (await till.post(f"{URL}/{ref}/retry")).status_code == 404
        assert (await till.post(f"{URL}/{ref}/resolve", {"outcome": "GIVE_UP"} | COMMENT)).status_code == 404
    assert await till.ask("SELECT stage FROM payments WHERE id = %s", payment_id) == [("NEEDS_STAFF",)]


async def test_the_list_is_filtered_and_paged(till: Till):
    ids = [str(await till.payment(stage=stage)) for stage in ("WAITING", "NEEDS_STAFF", "DONE", "NEEDS_STAFF")]
    [(first,)] = await till.ask("SELECT id::text FROM payments ORDER BY id LIMIT 1")
    everything = [*reversed(ids), first]

    async def listed(**query: Any) -> list[str]:
        answer = await till.get(URL, **query)
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["payments"]]

    assert await listed() == everything
    assert await listed(stage="NEEDS_STAFF") == [ids[3], ids[1]]
    assert await listed(stage=["DONE", "WAITING"]) == [ids[2], ids[0]]
    assert await listed(caseId=str(till.case_id)) == everything
    assert await listed(caseId=str(uuid4())) == await listed(chargeId=str(uuid4())) == []
    seen, after = [], {}
    while True:
        page = (await till.get(URL, limit=2, **after)).json()
        seen += [one["id"] for one in page["payments"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == everything
    for query in ({"stage": "LATE"}, {"caseId": "x"}, {"chargeId": "x"}, {"after": "x"}, {"limit": 0}, {"limit": 101}):
        assert (await till.get(URL, **query)).status_code == 400, query


async def test_one_is_shown_whole(till: Till):
    payment_id = await till.captured()
    [(intent_id,)] = await till.ask("SELECT id FROM payment_intents WHERE payment_id = %s", payment_id)
    values = {"kind": "CAPTURE", "amount_cents": 15900, "currency": "USD", "status": "SUCCEEDED"}
    named = {"payment_id": payment_id, "gateway_account_id": till.account_id, "intent_id": intent_id}
    await insert_row(till.services, till.id, "payment_attempts", **(values | named))
    await till.granted(payment_id, {"amount": 9})
    shown = (await till.get(f"{URL}/{payment_id}")).json()
    assert (shown["amount"], shown["captured"], shown["refundable"], shown["currency"]) == (
        "159.00",
        "159.00",
        "150.00",
        "USD",
    )
    assert (shown["status"], shown["stage"], shown["caseId"]) == ("PAID", "DONE", str(till.case_id))
    assert [one["captured"] for one in shown["intents"]] == ["159.00"]
    assert [one["kind"] for one in shown["attempts"]] == ["CAPTURE"]
    assert [one["amount"] for one in shown["refunds"]] == ["9.00"]
    assert shown["disputes"] == []
    assert "description" not in shown


async def attempt(till: Till, payment_id: UUID, **values: Any) -> UUID:
    usual = {"kind": "CHARGE", "amount_cents": 15900, "currency": "USD", "status": "UNKNOWN", "sends": 3}
    named = {
        "payment_id": payment_id,
        "gateway_account_id": till.account_id,
        "sent_at": clock.now() - timedelta(days=1),
    }
    return await insert_row(till.services, till.id, "payment_attempts", **(usual | named | values))


@pytest.mark.parametrize(
    ("values", "words", "who"),
    [
        ({}, "the decision on the case", {"STOREFRONT"}),
        ({"policy": "on_page"}, "the patient to pay on the gateway's page", {"STOREFRONT"}),
        (
            {"stage": "NEEDS_CARD", "wanted": "TAKE", "method_id": None},
            "another card",
            {"PATIENT", "STAFF", "STOREFRONT"},
        ),
        (
            {"stage": "NEEDS_PATIENT", "wanted": "TAKE"},
            "confirm it with their bank",
            {"PATIENT", "STAFF", "STOREFRONT"},
        ),
        ({"stage": "NEEDS_STAFF", "wanted": "TAKE", "failure": "REFUSED"}, "a person", {"STAFF", "STOREFRONT"}),
        ({"stage": "UNVERIFIED", "method": "REFERENCE"}, "nothing that we do", {"STAFF", "STOREFRONT"}),
        ({"stage": "DONE", "status": "CANCELED"}, "nothing: it has ended", set()),
        ({"stage": "WAITING", "method": "EXTERNAL"}, "whoever takes the money", {"STOREFRONT"}),
    ],
)
async def test_why(till: Till, values: dict[str, Any], words: str, who: set[str]):
    payment_id = await till.payment(**values)
    why = (await till.get(f"{URL}/{payment_id}/why")).json()
    assert words in why["waitsFor"]
    assert {mover["who"] for mover in why["whoCanMoveIt"]} == who
    assert why["paymentId"] == str(payment_id)


async def test_why_tells_what_the_worker_does(till: Till):
    payment_id = await till.payment(stage="DUE", wanted="TAKE", next_step_at=clock.now())
    why = (await till.get(f"{URL}/{payment_id}/why")).json()
    assert (why["next"], why["nextAt"] is not None) == ("we charge the card", True)
    assert why["whoCanMoveIt"][0] == {"who": "CARELANE", "how": "we charge the card"}


SOFT = {
    "stage": "NEEDS_CARD",
    "wanted": "TAKE",
    "failure": "DECLINED",
    "decline_code": "insufficient_funds",
    "tries": 4,
}
LONG_AGO = {"decided_at": clock.now() - timedelta(days=8)}


@pytest.mark.parametrize(
    "values",
    [
        SOFT,
        {"stage": "NEEDS_STAFF", "wanted": "TAKE", "failure": "UNPAID_TOO_LONG"} | LONG_AGO,
        {"stage": "NEEDS_STAFF", "wanted": "TAKE", "failure": "REFUSED"},
    ],
)
async def test_tried_again_the_card_is_charged_now(till: Till, values: dict[str, Any]):
    payment_id = await till.payment(**values)
    answer = await till.post(f"{URL}/{payment_id}/retry")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["stage"], told["failure"], told["declineCode"], told["tries"]) == ("DUE", None, None, 0)
    [(due_at, restarted_at)] = await till.ask(
        "SELECT next_step_at, restarted_at FROM payments WHERE id = %s", payment_id
    )
    assert due_at is not None
    assert restarted_at is not None
    decided_at = datetime.fromisoformat(told["decidedAt"]) if told["decidedAt"] else None
    assert decided_at == values.get("decided_at")
    assert (await till.events())[0] == ("PAYMENT_UPDATED", values["stage"], "DUE")


async def test_tried_again_what_is_unknown_is_looked_up(till: Till):
    payment_id = await till.payment(stage="NEEDS_STAFF", wanted="TAKE", failure="OUTCOME_UNKNOWN", method_id=None)
    await attempt(till, payment_id)
    assert (await till.post(f"{URL}/{payment_id}/retry")).json()["stage"] == "DUE"
    why = (await till.get(f"{URL}/{payment_id}/why")).json()
    assert why["next"].startswith("we look up what became of the last try")


@pytest.mark.parametrize(
    "values",
    [
        {"stage": "WAITING"},
        {"stage": "DONE", "status": "CANCELED"},
        {"stage": "NEEDS_PATIENT", "wanted": "TAKE"},
        SOFT | {"decline_code": "stolen_card"},
        SOFT | {"method_id": None},
        {"stage": "NEEDS_STAFF", "failure": "AMOUNT_DIFFERS"},
        {"stage": "UNVERIFIED", "method": "REFERENCE"},
        {"method": "EXTERNAL"},
    ],
)
async def test_what_is_not_tried_again(till: Till, values: dict[str, Any]):
    payment_id = await till.payment(**values)
    answer = await till.post(f"{URL}/{payment_id}/retry")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:carelane:payment-state")
    assert answer.json()["detail"]
    assert await till.events() == []


async def resolve(till: Till, payment_id: UUID, outcome: str, **more: Any) -> Any:
    return await till.post(f"{URL}/{payment_id}/resolve", {"outcome": outcome} | COMMENT, **more)


async def test_given_up(till: Till):
    payment_id = await till.payment(stage="NEEDS_STAFF", wanted="TAKE", failure="UNPAID_TOO_LONG")
    told = (await resolve(till, payment_id, "GIVE_UP")).json()
    assert (told["stage"], told["status"], told["failure"]) == ("DONE", "CANCELED", None)
    assert await till.events() == [("PAYMENT_UPDATED", "NEEDS_STAFF", "DONE")]
    shown = {
        one.name: (await till.get(f"{URL}/{payment_id}", one)).json()["resolution"] for one in (till.ann, till.sue)
    }
    assert list(shown.values()) == ["I called the bank", None]
    assert (await resolve(till, payment_id, "GIVE_UP")).status_code == 409


async def test_given_up_what_is_held_is_released_by_the_worker(till: Till):
    payment_id = await till.payment(stage="NEEDS_STAFF", wanted="TAKE", failure="REFUSED", policy="hold")
    await add_intent(till.services, till.id, payment_id, till.account_id, 15900, capturable_cents=15900)
    told = (await resolve(till, payment_id, "GIVE_UP")).json()
    assert (told["stage"], told["status"]) == ("RELEASING", "UNPAID")
    assert (await till.get(f"{URL}/{payment_id}/why")).json()["next"] == "we release what is held"


async def test_of_what_is_unknown_a_person_may_say_that_it_came_to_nothing(till: Till):
    payment_id = await till.payment(stage="NEEDS_STAFF", wanted="TAKE", failure="OUTCOME_UNKNOWN")
    await attempt(till, payment_id)
    assert (await resolve(till, payment_id, "GIVE_UP")).json()["stage"] == "DONE"
    assert await till.ask("SELECT status, failure FROM payment_attempts") == [("FAILED", "RESOLVED")]


async def test_looked_up_again(till: Till):
    payment_id = await till.payment(stage="NEEDS_STAFF", wanted="TAKE", failure="OUTCOME_UNKNOWN")
    assert (await resolve(till, payment_id, "LOOK_UP")).status_code == 409
    await attempt(till, payment_id)
    assert (await resolve(till, payment_id, "LOOK_UP")).json()["stage"] == "DUE"
    [(due_at,)] = await till.ask("SELECT next_step_at FROM payments WHERE id = %s", payment_id)
    assert due_at is not None


@pytest.mark.parametrize(
    "values",
    [
        {"stage": "NEEDS_STAFF", "wanted": "TAKE", "failure": "UNPAID_TOO_LONG"},
        {"stage": "NEEDS_CARD", "wanted": "TAKE"},
        {"stage": "UNVERIFIED", "method": "REFERENCE"},
    ],
)
async def test_paid_elsewhere(till: Till, values: dict[str, Any]):
    payment_id = await till.payment(**values)
    answer = await resolve(till, payment_id, "PAID_ELSEWHERE")
    assert answer.status_code == 200, answer.text
    assert await till.ask("SELECT status, amount_cents, captured_cents FROM payments WHERE method = 'EXTERNAL'") == [
        ("PAID", 15900, 15900)
    ]
    told = [event[0] for event in await till.events()]
    assert told.count("PAYMENT_COMPLETED") == told.count("PAYMENT_ADDED") == 1
    if values["stage"] != "UNVERIFIED":
        assert (answer.json()["stage"], answer.json()["status"]) == ("DONE", "CANCELED")


@pytest.mark.parametrize(
    ("outcome", "charge"), [("PAID_ELSEWHERE", ("EXTERNAL_SETTLEMENT", 0)), ("GIVE_UP", ("VOID", 0))]
)
async def test_what_was_owed_is_paid_or_owed_no_more(till: Till, outcome: str, charge: tuple[str, int]):
    payment_id = await till.payment(stage="NEEDS_CARD", decline_code="stolen_card")
    await till.approve()
    assert await till.ask("SELECT status, outstanding_cents FROM charges") == [("OUTSTANDING", 15900)]
    assert (await resolve(till, payment_id, outcome)).json()["status"] == "CANCELED"
    assert await till.ask("SELECT status, outstanding_cents FROM charges") == [charge]


async def test_money_that_was_taken_is_not_given_up(till: Till):
    payment_id = await till.captured()
    left = {"stage": "NEEDS_STAFF", "failure": "PAID_TWICE"}
    await update_row(till.services, till.id, "payments", payment_id, **left)
    before = await till.events()
    for outcome in ("GIVE_UP", "PAID_ELSEWHERE", "LOOK_UP"):
        assert (await resolve(till, payment_id, outcome)).status_code == 409
    assert await till.events() == before


@pytest.mark.parametrize(
    "body",
    [{}, {"outcome": "GIVE_UP"}, COMMENT, {"outcome": "PAY"} | COMMENT, {"outcome": "GIVE_UP", "comment": " "},
     {"outcome": "GIVE_UP", "amount": 1} | COMMENT, []],
)  # fmt: skip
async def test_bodies_that_are_refused(till: Till, body: Any):
    payment_id = await till.payment(stage="NEEDS_STAFF", failure="REFUSED")
    assert (await till.post(f"{URL}/{payment_id}/resolve", body)).status_code == 400


async def test_the_same_key_resolves_once(till: Till):
    payment_id = await till.payment(stage="NEEDS_CARD", wanted="TAKE")
    answers = [await resolve(till, payment_id, "PAID_ELSEWHERE", **{"Idempotency-Key": "r-1"}) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert await till.ask("SELECT count(*) FROM payments WHERE method = 'EXTERNAL'") == [(1,)]
