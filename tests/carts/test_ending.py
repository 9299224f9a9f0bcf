"""Carts whose time is over: the timed job, and POST /billing/cart/expire-old."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from carelane.carts import jobs
from carelane.carts.expire import end_cart
from carelane.carts.queries import EndedCart
from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.factories.carts import CART, get_cart, item, make_cart
from tests.factories.rows import insert_row, update_row

PAST = "2023-11-07T05:31:56Z"


async def test_the_job_ends_what_is_past_its_date_or_idle_and_nothing_else(
    client: CheckedClient, own: Clinic, services: Services
):
    past, idle, fresh, offered, archived, taken = [
        await make_cart(client, own, item(own), expiresDate=date) for date in (PAST, None, None, PAST, PAST, PAST)
    ]
    both = await make_cart(client, own, expiresDate=PAST)
    quote_id = await _add_quote(services, own, past)
    now = clock.now()
    await _set(services, own, idle, updated_at=now - timedelta(days=31))
    await _set(services, own, both, updated_at=now - timedelta(days=31))
    await _set(services, own, offered, locked_at=now)
    await _set(services, own, archived, archived_at=now)
    await _set(services, own, taken, status="ACCEPTED")
    # The server's own worker may come first; what matters is where all of it ends.
    await jobs.end_old(services)
    await jobs.end_old(services)
    carts = [await get_cart(client, own, cart["id"]) for cart in (past, both, idle, fresh, offered, taken)]
    statuses = [cart["status"] for cart in carts]
    assert statuses == ["EXPIRED", "EXPIRED", "ABANDONED", "DRAFT", "DRAFT", "ACCEPTED"]
    assert [(quote["id"], quote["status"]) for quote in carts[0]["quotes"]] == [(str(quote_id), "EXPIRED")]
    assert await _moves(services, own, past) == [("DRAFT", "EXPIRED", "system")]
    assert await _moves(services, own, idle) == [("DRAFT", "ABANDONED", "system")]
    assert await _moves(services, own, archived) == []


async def test_expire_old_ends_the_callers_untouched_drafts_and_says_how_many(
    client: CheckedClient, own: Clinic, stranger: Clinic, services: Services
):
    url = f"{CART}/expire-old"
    await client.post(url, headers=own.billing)
    old, older, fresh, offered = [await make_cart(client, own, item(own)) for _ in range(4)]
    theirs = await make_cart(client, stranger, item(stranger))
    quote_id = await _add_quote(services, own, old)
    for clinic, cart, days in ((own, old, 8), (own, older, 9), (own, offered, 9), (stranger, theirs, 9)):
        await _set(services, clinic, cart, updated_at=clock.now() - timedelta(days=days))
    await _set(services, own, offered, locked_at=clock.now())
    assert (await client.post(url, headers=own.billing)).json() == 0
    answer = await client.post(url, params={"days_old": 7}, headers=own.billing)
    assert (answer.status_code, answer.json()) == (200, 2)
    carts = [await get_cart(client, own, cart["id"]) for cart in (old, older, fresh, offered)]
    assert [cart["status"] for cart in carts] == ["EXPIRED", "EXPIRED", "DRAFT", "DRAFT"]
    assert [(quote["id"], quote["status"]) for quote in carts[0]["quotes"]] == [(str(quote_id), "EXPIRED")]
    assert (await get_cart(client, stranger, theirs["id"]))["status"] == "DRAFT"
    assert await _moves(services, own, old) == [("DRAFT", "EXPIRED", "key")]


def _message(quote_id: UUID, table: str, *, is_sent: bool) -> dict[str, object]:
    """With a quote: sent, or waiting for its date. The second table is that of the version before the outbox."""
    due_at = None if is_sent else clock.now() + timedelta(days=60)
    if table == "quote_messages":
        status = "SENT" if is_sent else "PENDING"
        return {"quote_id": quote_id, "method": "email", "status": status, "next_attempt_at": due_at}
    what = {"kind": "QUOTE_LINK", "channel": "MAIL", "record_kind": "quote", "record_id": quote_id, "due_at": due_at}
    return what | ({"status": "SENT", "settled_at": clock.now()} if is_sent else {})


@pytest.mark.parametrize("table", ["messages", "quote_messages"])
@pytest.mark.parametrize("ends_by", ["the job", "the request"])
async def test_a_cart_whose_quote_waits_for_its_date_is_not_idle(
    client: CheckedClient, own: Clinic, services: Services, ends_by: str, table: str
):
    scheduled, sent = [await make_cart(client, own, item(own)) for _ in range(2)]
    for cart in (scheduled, sent):
        quote_id = await _add_quote(services, own, cart)
        organization_id = UUID(own.organization_id)
        await insert_row(services, organization_id, table, **_message(quote_id, table, is_sent=cart is sent))
        await _set(services, own, cart, updated_at=clock.now() - timedelta(days=31))
    if ends_by == "the job":
        await jobs.end_old(services)
        # As if the date had been set between looking for idle carts and ending this one.
        here = UUID(own.organization_id)
        ended = EndedCart(here, UUID(scheduled["id"]), "ABANDONED")
        assert not await end_cart(services, system_actor(here), ended)
    else:
        await client.post(f"{CART}/expire-old", headers=own.billing)
    assert (await get_cart(client, own, scheduled["id"]))["status"] == "DRAFT"
    assert (await get_cart(client, own, sent["id"]))["status"] in {"ABANDONED", "EXPIRED"}


async def test_expire_old_repeats_its_answer_for_the_same_key(client: CheckedClient, own: Clinic, services: Services):
    cart = await make_cart(client, own, item(own))
    await _set(services, own, cart, updated_at=clock.now() - timedelta(days=3))
    headers, url = own.billing | {"Idempotency-Key": "once"}, f"{CART}/expire-old?days_old=2"
    first, second = [await client.post(url, headers=headers) for _ in range(2)]
    assert (first.text, second.text, second.headers["Idempotent-Replayed"]) == ("1", "1", "true")


@pytest.mark.parametrize("days_old", ["0", "-1", "x", "999999"])
async def test_wrong_days_are_refused(client: CheckedClient, own: Clinic, days_old: str):
    answer = await client.post(f"{CART}/expire-old", params={"days_old": days_old}, headers=own.billing)
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["query", "days_old"])


async def test_expire_old_wants_the_right_credential(client: CheckedClient, own: Clinic, stranger: Clinic):
    wrong = {"API-KEY": stranger.api_key, "TENANT": own.tenant}
    weak = {"API-KEY": own.catalog_only_key, "TENANT": own.tenant}
    url = f"{CART}/expire-old"
    statuses = [(await client.post(url, headers=headers)).status_code for headers in ({}, wrong, weak)]
    assert statuses == [401, 401, 403]


async def _set(services: Services, clinic: Clinic, cart: dict[str, Any], **values: Any) -> None:
    await update_row(services, UUID(clinic.organization_id), "carts", UUID(cart["id"]), **values)


async def _moves(services: Services, clinic: Clinic, cart: dict[str, Any]) -> list[tuple[Any, ...]]:
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        cursor = await conn.execute(
            "SELECT value_before, value_after, actor_kind FROM events WHERE target_id = %s AND type = 'CART_STATUS_CHANGED'",
            (cart["id"],),
        )
        return await cursor.fetchall()


async def _add_quote(services: Services, clinic: Clinic, cart: dict[str, Any]) -> UUID:
    amounts = {"subtotal_cents": 0, "discount_cents": 0, "tax_cents": 0, "total_cents": 0, "currency": "USD"}
    whose = {"cart_id": UUID(cart["id"]), "patient_id": UUID(clinic.patient_id), "creator_id": UUID(clinic.creator_id)}
    return await insert_row(services, UUID(clinic.organization_id), "quotes", **amounts, **whose)
