"""A payment's page: the amount is typed again before a refund is granted, and again before it is sent."""

from uuid import UUID

import httpx
import pytest

from carelane.kit.auth import system_actor
from carelane.sessions.access import COOKIE
from carelane.sessions.actions import open_session
from carelane.web.html.forms import form_token
from tests.payment_desk.conftest import Till
from tests.review.people import Reader


@pytest.fixture
async def reading(services, server):
    """Opens the page of a payment for a member."""
    opened = []

    async def sign_in(till, person, payment_id):
        async with services.db.transaction(system_actor(till.id)) as conn:
            session = await open_session(conn, till.id, "staff", person.id)
        cookies, headers = {COOKIE.name: session.token}, {"Sec-Fetch-Site": "same-origin"}
        client = httpx.AsyncClient(base_url=server.url, cookies=cookies, headers=headers, timeout=60)
        opened.append(client)
        return Reader(client, f"/console/payments/{payment_id}", form_token(services.form_key, session.token))

    yield sign_in
    for client in opened:
        await client.aclose()


async def refunds(till: Till):
    return await till.ask("SELECT id, status, amount_cents FROM refunds ORDER BY granted_at")


async def test_granted_and_sent_with_the_amount_typed_each_time(till: Till, reading):
    payment_id = await till.captured()
    page = await reading(till, till.ann, payment_id)
    html = await page.open()
    assert "$159.00 can be given back" in html
    for again in ("", "195.00", "20.51", "lots"):
        answer = await page.press("refund", amount="20.50", again=again, comment="Sorry, Iris")
        assert (answer.status_code, 'id="e-again"' in answer.text) == (422, True)
        assert "Type the amount: $20.50. Nothing was changed." in answer.text
        assert "Sorry, Iris" in answer.text
    assert await refunds(till) == []
    assert (await page.press("refund", amount="20.50", again="$20.50", comment="Sorry, Iris")).status_code == 303
    ((refund_id, status, cents),) = await refunds(till)
    assert (status, cents) == ("GRANTED", 2050)
    wrong = await page.press("send-refund", refundId=refund_id, again="20.05")
    assert (wrong.status_code, (await refunds(till))[0][1]) == (422, "GRANTED")
    assert (await page.press("send-refund", refundId=refund_id, again="20.50")).status_code == 303
    assert (await refunds(till))[0][1] != "GRANTED"
    late = await page.press("cancel-refund", refundId=refund_id)
    assert late.status_code == 409


async def test_amounts_are_typed_as_on_the_pages_of_billing(till: Till, reading):
    payment_id = await till.captured()
    page = await reading(till, till.ann, payment_id)
    for amount in ("12,50", "€20.50", "0", "lots"):
        answer = await page.press("refund", amount=amount, again=amount)
        assert answer.status_code == 422
        assert "Type an amount, such as 12.50." in answer.text
    assert (await page.press("refund", amount="$20.50", again="20.50 USD")).status_code == 303
    # All that is left, where none was typed.
    assert (await page.press("refund", again="138.50")).status_code == 303
    assert sorted(cents for _, _, cents in await refunds(till)) == [2050, 13850]


async def test_too_much_is_refused_and_another_payments_refund_is_not_there(till: Till, reading):
    first = await till.captured()
    page = await reading(till, till.ann, first)
    answer = await page.press("refund", amount="200.00", again="200.00")
    assert (answer.status_code, await refunds(till)) == (422, [])
    assert (await page.press("refund", amount="10", again="10.00")).status_code == 303
    ((refund_id, *_),) = await refunds(till)
    other = await reading(till, till.ann, await till.payment())
    assert (await other.press("send-refund", refundId=refund_id, again="10.00")).status_code == 404
    assert (await other.press("cancel-refund", refundId=refund_id)).status_code == 404
    assert (await page.press("cancel-refund", refundId=refund_id)).status_code == 303
    assert (await refunds(till))[0][1] == "CANCELED"


async def test_who_may(till: Till, reading, nowhere: UUID):
    payment_id = await till.captured()
    looks = await reading(till, till.sue, payment_id)
    assert "Give money back" not in await looks.open()
    assert (await looks.press("refund", amount="1", again="1")).status_code == 403
    grants = await reading(till, till.max, payment_id)
    assert (await grants.press("refund", amount="1.00", again="1.00")).status_code == 303
    ((refund_id, *_),) = await refunds(till)
    assert "send-refund" not in await grants.open()
    assert (await grants.press("send-refund", refundId=refund_id, again="1.00")).status_code == 403
    gone = await reading(till, till.ann, nowhere)
    assert (await gone.client.get(gone.path)).status_code == 404
