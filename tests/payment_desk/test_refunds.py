"""Refunds: who grants and who sends, how much, and what two at once come to."""

import asyncio
from typing import Any
from uuid import UUID

import psycopg
import pytest
from msgspec.structs import replace

from tests.factories.seen import dispute_of, refund_of
from tests.payment_desk.conftest import URL, Till
from tests.sending.world import until


async def test_doors(till: Till, clinic, other_clinic, nowhere: UUID):
    payment_id = await till.captured()
    refund = await till.granted(payment_id, {"amount": 1})
    urls = [f"{URL}/{payment_id}/refunds", f"/api/staff/refunds/{refund['id']}/send"]
    urls.append(f"/api/staff/refunds/{refund['id']}/cancel")
    for url in urls:
        assert (await till.client.post(url, json={})).status_code == 401
        assert (await till.client.post(url, json={}, headers={"Authorization": "Bearer no"})).status_code == 401
        assert (await till.client.post(url, json={}, headers=till.clinic.key)).status_code == 401
        assert (await till.post(url, {}, till.sue)).status_code == 403
    assert (await till.post(urls[1], None, till.max)).status_code == 403
    for ref in (nowhere, "none", "0" * 36):
        assert (await till.grant(ref)).status_code == 404
        for act in ("send", "cancel"):
            assert (await till.post(f"/api/staff/refunds/{ref}/{act}")).status_code == 404
    assert await till.ask("SELECT status FROM refunds") == [("GRANTED",)]


async def test_granted_then_sent_by_somebody_else(till: Till):
    payment_id = await till.captured()
    body = {"amount": "20.50", "reason": "requested_by_customer", "comment": "Sorry, Iris"}
    answer = await till.grant(payment_id, body, person=till.max)
    assert answer.status_code == 200, answer.text
    refund = answer.json()
    assert (refund["amount"], refund["status"], refund["reason"], refund["comment"]) == (
        "20.50", "GRANTED", "requested_by_customer", "Sorry, Iris",
    )  # fmt: skip
    assert refund["grantedByStaffId"] == str(till.max.id)
    # Nothing happens by itself.
    assert await till.ask("SELECT next_step_at FROM payments WHERE id = %s", payment_id) == [(None,)]
    sent = await till.post(f"/api/staff/refunds/{refund['id']}/send")
    assert (sent.json()["status"], sent.json()["sentByStaffId"]) == ("SENDING", str(till.ann.id))
    [(due_at,)] = await till.ask("SELECT next_step_at FROM payments WHERE id = %s", payment_id)
    # It is the worker's turn; what comes of it, it tells itself.
    assert due_at is not None
    told = [event for event in await till.events() if event[0].startswith("REFUND")]
    assert told[:2] == [("REFUND_GRANTED", None, "2050"), ("REFUND_SENT", None, None)]
    for act in ("send", "cancel"):
        again = await till.post(f"/api/staff/refunds/{refund['id']}/{act}")
        assert (again.status_code, again.json()["type"]) == (409, "urn:carelane:refund-state")
    assert b"Iris" not in (await till.ask("SELECT comment_sealed FROM refunds"))[0][0]


async def test_parts_and_never_more_than_was_captured(till: Till):
    payment_id = await till.captured()
    await till.granted(payment_id, {"amount": 100})
    for amount in (59.01, 159, 0, -1, 1.005, "much", True):
        answer = await till.grant(payment_id, {"amount": amount})
        assert answer.status_code == 400, (amount, answer.text)
        assert answer.json()["errors"][0]["field"] == "amount"
    rest = await till.granted(payment_id)
    assert rest["amount"] == "59.00"
    assert (await till.grant(payment_id)).status_code == 409
    canceled = await till.post(f"/api/staff/refunds/{rest['id']}/cancel", None, till.max)
    assert canceled.json()["status"] == "CANCELED"
    assert (await till.granted(payment_id, {"amount": 58.99}))["amount"] == "58.99"
    shown = (await till.get(f"{URL}/{payment_id}")).json()
    assert (shown["captured"], shown["refundable"]) == ("159.00", "0.01")
    assert [one["status"] for one in shown["refunds"]] == ["GRANTED", "CANCELED", "GRANTED"]


@pytest.mark.parametrize(
    ("currency", "cents", "amount", "shown"), [("JPY", 5000, 1200, "1200"), ("KWD", 1234, 0.234, "0.234")]
)
async def test_amounts_are_in_the_currencys_own_units(till: Till, currency: str, cents: int, amount: Any, shown: str):
    payment_id = await till.captured(cents, currency=currency)
    assert (await till.granted(payment_id, {"amount": amount}))["amount"] == shown
    assert (await till.grant(payment_id, {"amount": 0.5 if currency == "JPY" else 0.0001})).status_code == 400


@pytest.mark.parametrize(
    "body", [{"amount": None, "sum": 1}, {"reason": "because"}, {"comment": " "}, {"comment": "x" * 2001}, [], "x"]
)
async def test_bodies_that_are_refused(till: Till, body: Any):
    payment_id = await till.captured()
    answer = await till.post(f"{URL}/{payment_id}/refunds", body)
    assert answer.status_code == 400, answer.text
    assert await till.ask("SELECT 1 FROM refunds") == []


async def test_a_disputed_payment_is_not_refunded(till: Till):
    payment_id = await till.captured()
    refund = await till.granted(payment_id, {"amount": 1})
    dispute = dispute_of(await till.intent_of(payment_id), 5000)
    await till.hear(payment_id, dispute)
    for answer in (await till.grant(payment_id), await till.post(f"/api/staff/refunds/{refund['id']}/send")):
        assert (answer.status_code, "disputed" in answer.json()["detail"]) == (409, True)
    assert (await till.get(f"{URL}/{payment_id}")).json()["refundable"] == "0.00"
    # Lost, what the bank took is gone, and the rest can be given back.
    await till.hear(payment_id, replace(dispute, status="LOST"))
    assert (await till.granted(payment_id))["amount"] == "108.00"


async def test_what_no_gateway_took_is_not_refunded_by_one(till: Till):
    told = {"caseId": str(till.case_id), "amount": 159, "status": "PAID", "paymentDate": "2026-11-20"}
    url = "/api/v1/customer-payment-confirmation"
    assert (await till.client.post(url, json=told, headers=till.clinic.key)).status_code == 200
    [(external_id,)] = await till.ask("SELECT id FROM payments WHERE method = 'EXTERNAL' AND captured_cents > 0")
    for payment_id in (external_id, await till.payment(method="CASH", policy="unverified"), await till.payment()):
        assert (await till.grant(payment_id)).status_code == 409


async def test_what_went_back_meanwhile_cannot_be_sent(till: Till):
    """A refund made in the gateway's dashboard, after the grant."""
    payment_id = await till.captured()
    refund = await till.granted(payment_id)
    await till.hear(payment_id, refund_of(await till.intent_of(payment_id), 100))
    answer = await till.post(f"/api/staff/refunds/{refund['id']}/send")
    assert (answer.status_code, "158.00" in answer.json()["detail"]) == (409, True)
    assert await till.ask("SELECT status FROM refunds WHERE id = %s", UUID(refund["id"])) == [("GRANTED",)]


async def at_once(till: Till, owner_url: str, *acts: Any) -> list[Any]:
    """The answers of acts that all wait for the case's row before any of them goes on."""
    with psycopg.connect(owner_url) as holder, psycopg.connect(owner_url, autocommit=True) as looker:
        holder.execute("SELECT FROM cases WHERE id = %s FOR NO KEY UPDATE", (till.case_id,))
        running = [asyncio.create_task(act) for act in acts]

        async def all_wait():
            row = looker.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone()
            return row is not None and row[0] >= len(acts)

        await until(all_wait)
        holder.rollback()
        return list(await asyncio.gather(*running))


async def test_two_at_once_never_come_to_more(till: Till, owner_url: str):
    payment_id = await till.captured()
    acts = [till.grant(payment_id, {"amount": 100}) for _ in range(3)]
    answers = await at_once(till, owner_url, *acts)
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400]
    assert await till.ask("SELECT sum(amount_cents) FROM refunds") == [(10000,)]


async def test_sending_and_canceling_at_once_is_one_of_them(till: Till, owner_url: str):
    refund = await till.granted(await till.captured())
    acts = [till.post(f"/api/staff/refunds/{refund['id']}/{act}") for act in ("send", "cancel", "send")]
    answers = await at_once(till, owner_url, *acts)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    told = [event for event in await till.events() if event[0] in {"REFUND_SENT", "REFUND_CANCELED"}]
    assert len(told) == 1


async def test_the_same_key_grants_once(till: Till):
    payment_id = await till.captured()
    first, second = [await till.grant(payment_id, {"amount": 10}, **{"Idempotency-Key": "refund-1"}) for _ in range(2)]
    assert first.content == second.content
    other = await till.grant(payment_id, {"amount": 11}, **{"Idempotency-Key": "refund-1"})
    assert other.status_code == 422
    assert await till.ask("SELECT amount_cents FROM refunds") == [(1000,)]


async def test_comments_are_for_those_who_read_cases(till: Till):
    payment_id = await till.captured()
    await till.granted(payment_id, {"comment": "Sorry, Iris"})
    shown = {
        one.name: (await till.get(f"{URL}/{payment_id}", one)).json()["refunds"][0] for one in (till.ann, till.sue)
    }
    assert [one["comment"] for one in shown.values()] == ["Sorry, Iris", None]
    reads = await till.ask(
        "SELECT actor_id FROM phi_reads WHERE record_kind = 'payment' AND record_id = %s", payment_id
    )
    assert reads == [(till.ann.id,)]
